#[tachograph::timed(fields())]
fn fetch() {}

fn main() {
    fetch();
}
