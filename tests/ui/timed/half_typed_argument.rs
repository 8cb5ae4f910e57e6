#[tachograph::timed(name = )]
fn fetch() {}

fn main() {
    fetch();
}
