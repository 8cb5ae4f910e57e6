#[tachograph::timed(slo(latency = "soon", objective = 99.9))]
fn fetch() {}

fn main() {
    fetch();
}
