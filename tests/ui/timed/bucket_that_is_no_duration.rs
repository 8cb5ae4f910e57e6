#[tachograph::timed(buckets = ["5ms", "fast"])]
fn fetch() {}

fn main() {
    fetch();
}
