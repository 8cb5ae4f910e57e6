#[tachograph::request_scoped]
const fn limit() -> u8 {
    7
}

fn main() {
    let _ = limit();
}
