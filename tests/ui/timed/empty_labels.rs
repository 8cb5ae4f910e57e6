#[tachograph::timed(labels())]
fn fetch() {}

fn main() {
    fetch();
}
