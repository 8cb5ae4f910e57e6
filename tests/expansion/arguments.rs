#[tachograph::timed(name = "fetch", slow = "250ms", fields(url, attempt = attempt + 1), err)]
pub async fn fetch_file(url: &str, attempt: u32) -> Result<Vec<u8>, std::io::Error> {
    std::future::ready(Err(std::io::Error::other(url))).await
}
