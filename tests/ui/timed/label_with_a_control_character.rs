#[tachograph::timed(component = "down\nload")]
fn fetch() {}

fn main() {
    fetch();
}
