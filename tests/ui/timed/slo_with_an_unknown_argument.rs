#[tachograph::timed(slo(latancy = "250ms", objective = 99.9))]
fn fetch() {}

fn main() {
    fetch();
}
