#[tachograph::timed("fetch")]
fn fetch() {}

fn main() {
    fetch();
}
