#[tachograph::timed(name = "a", name = "b")]
fn fetch() {}

fn main() {
    fetch();
}
