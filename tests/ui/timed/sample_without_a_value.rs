#[tachograph::timed(sample)]
fn fetch() {}

fn main() {
    fetch();
}
