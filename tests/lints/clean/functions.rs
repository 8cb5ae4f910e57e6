//! Plain functions of every shape.
use tachograph::timed;

#[timed]
pub fn nothing() {
    println!("nothing");
}

#[timed(name = "named", component = "tests", slow = "never")]
pub fn with_arguments(text: &str) {
    println!("{text}");
}

#[timed(fields(text, length = text.len(), %number, ?flag))]
pub fn with_fields(text: &str, number: u8, flag: bool) {
    println!("{text} {number} {flag}");
}

/// Reads.
///
/// # Errors
/// Where the text is no number.
#[timed(err, fields(text))]
pub fn with_err(text: &str) -> Result<u32, std::num::ParseIntError> {
    let number = text.parse()?;
    println!("{number}");
    Ok(number)
}

/// Reads.
///
/// # Errors
/// Where the text is no number.
#[timed(err(level = "warn"))]
pub fn with_early_return(text: &str) -> Result<u32, Box<dyn std::error::Error>> {
    if text.is_empty() {
        return Err("empty".into());
    }
    Ok(text.parse()?)
}

#[timed]
#[must_use]
pub fn one_line(text: &str) -> String {
    text.to_owned()
}

#[timed]
#[must_use]
pub fn optional(text: &str) -> Option<u32> {
    text.parse().ok()
}

#[timed]
#[must_use]
pub fn generic<T, const N: usize>(value: &T) -> [T; N]
where
    T: Clone,
{
    std::array::from_fn(|_| value.clone())
}

#[timed]
pub fn with_impl(texts: impl Iterator<Item = String>) -> impl Iterator<Item = usize> {
    texts.map(|text| text.len())
}

#[timed]
#[must_use]
pub fn boxed(text: &str) -> Box<dyn Iterator<Item = char> + '_> {
    Box::new(text.chars())
}

#[timed]
pub fn mutates(numbers: &mut Vec<u32>) -> Option<&mut u32> {
    numbers.push(7);
    numbers.last_mut()
}

#[timed]
#[must_use]
pub fn consumes(mut numbers: Vec<u32>) -> Vec<u32> {
    numbers.push(7);
    numbers
}

#[timed]
#[must_use]
pub fn destructures((left, right): (String, u32), [first, ..]: [String; 2]) -> String {
    left + &right.to_string() + &first
}

#[timed]
pub fn never(text: &str) -> ! {
    eprintln!("{text}");
    std::process::exit(1)
}

#[timed]
#[must_use]
pub fn recursive(depth: u32) -> u32 {
    println!("{depth}");
    if depth == 0 { 0 } else { recursive(depth - 1) }
}

#[timed]
#[inline]
#[must_use]
pub fn inlined(text: &str) -> usize {
    println!("{text}");
    text.len()
}

#[timed]
#[track_caller]
pub fn tracked(condition: bool) {
    debug_assert!(condition, "tracked");
}

#[timed]
#[allow(clippy::needless_return)]
#[must_use]
pub fn allowed(text: &str) -> usize {
    println!("{text}");
    return text.len();
}

#[timed]
#[must_use]
pub fn allowed_inside(text: &str) -> usize {
    #![allow(clippy::needless_return)]
    println!("{text}");
    return text.len();
}

#[timed]
#[expect(clippy::needless_return, reason = "the expectation is met")]
#[must_use]
pub fn expected(text: &str) -> usize {
    println!("{text}");
    return text.len();
}

#[timed]
#[expect(unused_variables, reason = "the expectation is met")]
pub fn expected_unused(text: &str) {
    println!();
}

/// Reads a byte.
///
/// # Safety
/// The pointer must be valid.
#[timed]
#[must_use]
pub unsafe fn dangerous(pointer: *const u8) -> u8 {
    println!();
    // SAFETY: the caller promised it.
    unsafe { *pointer }
}

#[timed]
#[must_use]
pub extern "C" fn abroad(number: u32) -> u32 {
    println!("{number}");
    number
}

#[timed]
#[must_use]
pub fn nested(text: &str) -> usize {
    fn inner(text: &str) -> usize {
        println!("{text}");
        text.len()
    }
    inner(text)
}

#[timed]
pub fn unused_on_purpose(_: &str, _text: &str) {
    println!();
}

#[timed]
#[must_use]
pub fn loops(numbers: &[u32]) -> u32 {
    let mut sum = 0;
    'outer: for number in numbers {
        for _ in 0..*number {
            sum += 1;
            if sum > 100 {
                break 'outer;
            }
        }
    }
    sum
}

#[timed]
#[must_use]
pub fn blocks() -> usize {
    tachograph::timed_block!("block", component = "tests", { std::env::args().count() })
}

#[timed]
#[must_use]
pub fn leaves_a_block(text: &str) -> Option<u32> {
    let number = tachograph::timed_block!("left", { text.parse::<u32>().ok()? });
    Some(number + 1)
}

#[timed]
#[cfg(test)]
pub fn configured_out() {}

#[timed]
pub fn configured_parameter(#[cfg(test)] text: &str, #[cfg(not(test))] number: u32) {
    #[cfg(test)]
    println!("{text}");
    #[cfg(not(test))]
    println!("{number}");
}
