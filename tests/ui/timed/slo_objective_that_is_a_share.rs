#[tachograph::timed(slo(objective = 0.999))]
fn fetch() {}

fn main() {
    fetch();
}
