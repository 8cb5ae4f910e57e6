#[tachograph::timed(slo(objective = 99), slo(objective = 99.9))]
fn fetch() {}

fn main() {
    fetch();
}
