#[tachograph::timed(name = "a" slow = "1ms")]
fn fetch() {}

fn main() {
    fetch();
}
