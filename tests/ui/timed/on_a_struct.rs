#[tachograph::timed]
struct Store;

fn main() {
    let _ = Store;
}
