#[tachograph::timed(buckets = [1, 2])]
fn fetch() {}

fn main() {
    fetch();
}
