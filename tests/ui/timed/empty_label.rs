#[tachograph::timed(component = "")]
fn fetch() {}

fn main() {
    fetch();
}
