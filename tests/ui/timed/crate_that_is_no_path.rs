#[tachograph::timed(crate = "tachograph")]
fn fetch() {}

fn main() {
    fetch();
}
