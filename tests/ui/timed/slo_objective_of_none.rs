#[tachograph::timed(slo(objective = 0))]
fn fetch() {}

fn main() {
    fetch();
}
