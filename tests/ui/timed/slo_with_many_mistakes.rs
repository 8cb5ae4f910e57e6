#[tachograph::timed(slo(name = "", latency = "0", objective = 100))]
fn fetch() {}

fn main() {
    fetch();
}
