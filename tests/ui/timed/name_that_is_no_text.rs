#[tachograph::timed(name = fetch)]
fn fetch() {}

fn main() {
    fetch();
}
