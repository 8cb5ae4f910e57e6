#[tachograph::timed(err(level = "loud"))]
fn fetch() -> Result<(), std::fmt::Error> {
    Ok(())
}

fn main() {
    let _ = fetch();
}
