//! Arguments that only an attribute names: with it they are used.
use tachograph::timed;

#[timed(fields(text, number))]
pub fn only_in_fields(text: &str, number: u32) {
    println!();
}

#[timed(fields(size = text.len()), slow = "1ms")]
#[expect(clippy::needless_pass_by_value, reason = "it is")]
pub fn owned_only_in_fields(text: String) {
    println!();
}

#[tachograph::request_scoped(id = header, fields(user))]
pub fn only_in_a_request(header: Option<&str>, user: u64) {
    println!();
}

#[timed(fields(text, number))]
pub async fn later_only_in_fields(text: &str, number: u32) {
    std::future::ready(()).await;
}

#[tachograph::request_scoped(id = header, fields(user))]
pub async fn later_only_in_a_request(header: Option<&str>, user: u64) {
    std::future::ready(()).await;
}
