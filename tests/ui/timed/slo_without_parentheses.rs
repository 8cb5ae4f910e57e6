#[tachograph::timed(slo = 99.9)]
fn fetch() {}

fn main() {
    fetch();
}
