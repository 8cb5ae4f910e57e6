#[tachograph::timed(max_series = 10)]
fn fetch() {}

fn main() {
    fetch();
}
