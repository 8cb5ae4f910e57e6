#[tachograph::timed(buckets = "5ms")]
fn fetch() {}

fn main() {
    fetch();
}
