#[tachograph::timed]
const fn limit() -> u32 {
    7
}

fn main() {
    let _ = limit();
}
