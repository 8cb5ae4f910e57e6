#[tachograph::timed]
enum Store {
    Empty,
}

fn main() {
    let _ = Store::Empty;
}
