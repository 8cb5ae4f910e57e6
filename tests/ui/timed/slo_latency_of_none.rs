#[tachograph::timed(slo(latency = "0ms", objective = 99.9))]
fn fetch() {}

fn main() {
    fetch();
}
