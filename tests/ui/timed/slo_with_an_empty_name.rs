#[tachograph::timed(slo(name = "", objective = 99.9))]
fn fetch() {}

fn main() {
    fetch();
}
