#[tachograph::timed(buckets = ["50ms", "5ms"])]
fn fetch() {}

fn main() {
    fetch();
}
