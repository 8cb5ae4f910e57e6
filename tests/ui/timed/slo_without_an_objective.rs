#[tachograph::timed(slo(latency = "250ms"))]
fn fetch() {}

fn main() {
    fetch();
}
