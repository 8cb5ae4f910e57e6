#[tachograph::timed(slo(latency = 250, objective = 99.9))]
fn fetch() {}

fn main() {
    fetch();
}
