#[tachograph::timed(sample = 0)]
fn fetch() {}

fn main() {
    fetch();
}
