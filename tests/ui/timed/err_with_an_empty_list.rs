#[tachograph::timed(err())]
fn fetch() -> Result<u8, std::fmt::Error> {
    Ok(7)
}

fn main() {
    let _ = fetch();
}
