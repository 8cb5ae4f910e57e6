#[tachograph::timed(slo(objective = 100))]
fn fetch() {}

fn main() {
    fetch();
}
