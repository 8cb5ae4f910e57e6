#[tachograph::timed(component = "input", slow = "5ms")]
pub fn read(text: &str) -> Result<u32, Box<dyn std::error::Error>> {
    if text.is_empty() {
        return Err("empty".into());
    }
    Ok(text.parse()?)
}
