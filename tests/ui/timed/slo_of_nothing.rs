#[tachograph::timed(slo())]
fn fetch() {}

fn main() {
    fetch();
}
