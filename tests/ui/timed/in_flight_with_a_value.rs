#[tachograph::timed(in_flight = true)]
fn fetch() {}

fn main() {
    fetch();
}
