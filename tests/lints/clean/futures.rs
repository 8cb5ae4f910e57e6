//! Async functions of every shape.
use std::pin::Pin;

use tachograph::timed;

#[timed]
pub async fn nothing() {
    std::future::ready(()).await;
}

#[timed(name = "named", component = "tests", slow = "never")]
pub async fn with_arguments(text: &str) {
    std::future::ready(()).await;
    println!("{text}");
}

#[timed(fields(text, length = text.len(), %number, ?flag))]
pub async fn with_fields(text: &str, number: u8, flag: bool) {
    std::future::ready(()).await;
    println!("{text} {number} {flag}");
}

#[timed(fields(text))]
pub async fn owned_field(text: String, number: u8) -> String {
    std::future::ready(number).await;
    text
}

/// Reads.
///
/// # Errors
/// Where the text is no number.
#[timed(err, fields(text))]
pub async fn with_err(text: &str) -> Result<u32, std::num::ParseIntError> {
    std::future::ready(()).await;
    let number = text.parse()?;
    println!("{number}");
    Ok(number)
}

/// Reads.
///
/// # Errors
/// Where the text is no number.
#[timed(err(level = "warn"))]
pub async fn with_early_return(text: String) -> Result<u32, Box<dyn std::error::Error + Send + Sync>> {
    if text.is_empty() {
        return Err("empty".into());
    }
    std::future::ready(()).await;
    Ok(text.parse()?)
}

#[timed]
pub async fn optional(text: &str) -> Option<u32> {
    std::future::ready(()).await;
    text.parse().ok()
}

#[timed]
pub async fn generic<T, const N: usize>(value: &T) -> [T; N]
where
    T: Clone + Send + Sync,
{
    std::future::ready(()).await;
    std::array::from_fn(|_| value.clone())
}

#[timed]
pub async fn with_impl(texts: impl Iterator<Item = String> + Send) -> impl Iterator<Item = usize> {
    std::future::ready(()).await;
    texts.map(|text| text.len())
}

#[timed]
pub async fn mutates(numbers: &mut Vec<u32>) -> Option<&mut u32> {
    std::future::ready(()).await;
    numbers.push(7);
    numbers.last_mut()
}

#[timed]
pub async fn consumes(mut numbers: Vec<u32>) -> Vec<u32> {
    std::future::ready(()).await;
    numbers.push(7);
    numbers
}

#[timed]
pub async fn destructures((left, right): (String, u32), [first, ..]: [String; 2]) -> String {
    std::future::ready(()).await;
    left + &right.to_string() + &first
}

#[timed]
pub async fn never(text: String) -> ! {
    loop {
        std::future::ready(()).await;
        println!("{text}");
    }
}

#[timed]
pub async fn two_lifetimes<'a>(left: &'a str, right: &str) -> &'a str {
    std::future::ready(right.len()).await;
    left
}

#[timed]
#[inline]
pub async fn inlined(text: &str) -> usize {
    std::future::ready(()).await;
    text.len()
}

#[timed]
#[allow(clippy::needless_return)]
pub async fn allowed(text: &str) -> usize {
    std::future::ready(()).await;
    return text.len();
}

#[timed]
pub async fn allowed_inside(text: &str) -> usize {
    #![allow(clippy::needless_return)]
    std::future::ready(()).await;
    return text.len();
}

#[timed]
#[expect(unused_variables, reason = "the expectation is met")]
pub async fn expected_unused(text: &str, owned: String) {
    std::future::ready(()).await;
}

/// Reads a byte.
///
/// # Safety
/// It is not dangerous.
#[timed]
pub async unsafe fn dangerous(text: &str) -> usize {
    std::future::ready(()).await;
    text.len()
}

#[timed]
pub async fn unused_on_purpose(_: &str, _text: &str, _: String, _owned: String, _number: u8) {
    std::future::ready(()).await;
}

#[timed]
pub async fn mutable_pattern((mut left, _): (String, u32), mut right: u32) -> String {
    std::future::ready(()).await;
    right += 1;
    left.push_str(&right.to_string());
    left
}

#[timed]
pub async fn holds(_permit: std::fs::File, text: String) -> usize {
    std::future::ready(()).await;
    text.len()
}

#[timed]
pub fn made(number: &u32) -> impl Future<Output = u32> + use<'_> {
    println!("{number}");
    async move {
        std::future::ready(()).await;
        *number
    }
}

#[timed]
#[must_use]
pub fn boxed(text: &str) -> Pin<Box<dyn Future<Output = usize> + Send + '_>> {
    Box::pin(async move {
        std::future::ready(()).await;
        text.len()
    })
}

#[timed]
#[must_use]
pub fn boxed_recursion(depth: u32) -> Pin<Box<dyn Future<Output = u32> + Send>> {
    Box::pin(async move { if depth == 0 { 0 } else { boxed_recursion(depth - 1).await } })
}

#[timed]
pub async fn recursion(depth: u32) -> u32 {
    println!("{depth}");
    if depth == 0 { 0 } else { Box::pin(recursion(depth - 1)).await }
}

/// Reads.
///
/// # Errors
/// Where the text is no number.
#[timed]
pub async fn block(text: &str) -> Result<u32, std::num::ParseIntError> {
    std::future::ready(()).await;
    tachograph::timed_block!("block", { text.parse::<u32>() })
}
