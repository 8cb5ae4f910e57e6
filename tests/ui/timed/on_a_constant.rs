#[tachograph::timed]
const LIMIT: u8 = 7;

fn main() {
    let _ = LIMIT;
}
