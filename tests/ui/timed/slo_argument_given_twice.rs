#[tachograph::timed(slo(objective = 99, objective = 99.9))]
fn fetch() {}

fn main() {
    fetch();
}
