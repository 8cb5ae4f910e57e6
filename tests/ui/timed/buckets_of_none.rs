#[tachograph::timed(buckets = [])]
fn fetch() {}

fn main() {
    fetch();
}
