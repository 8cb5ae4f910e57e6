#[tachograph::timed(sample = -1)]
fn fetch() {}

fn main() {
    fetch();
}
