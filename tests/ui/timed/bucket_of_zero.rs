#[tachograph::timed(buckets = ["0"])]
fn fetch() {}

fn main() {
    fetch();
}
