#[tachograph::timed(slow = 250)]
fn fetch() {}

fn main() {
    fetch();
}
