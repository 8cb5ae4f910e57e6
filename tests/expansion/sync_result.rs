#[tachograph::timed]
pub fn parse(text: &str) -> Result<u32, std::num::ParseIntError> {
    text.trim().parse()
}
