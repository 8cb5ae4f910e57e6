#[tachograph::timed(component = 7)]
fn fetch() {}

fn main() {
    fetch();
}
