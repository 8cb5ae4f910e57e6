#[tachograph::timed(componnent = "download")]
fn fetch() {}

fn main() {
    fetch();
}
