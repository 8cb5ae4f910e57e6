#[tachograph::timed(sample = "64")]
fn fetch() {}

fn main() {
    fetch();
}
