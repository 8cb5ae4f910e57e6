#[tachograph::timed(threshold = "5ms")]
fn fetch() {}

fn main() {
    fetch();
}
