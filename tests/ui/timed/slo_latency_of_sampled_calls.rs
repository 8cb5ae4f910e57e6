#[tachograph::timed(sample = 64, slo(latency = "250ms", objective = 99.9))]
fn fetch() {}

fn main() {
    fetch();
}
