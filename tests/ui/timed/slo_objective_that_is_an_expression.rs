#[tachograph::timed(slo(objective = GOAL))]
fn fetch() {}

fn main() {
    fetch();
}
