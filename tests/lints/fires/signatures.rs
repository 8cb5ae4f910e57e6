//! What clippy finds in signatures.
use tachograph::timed;

#[timed]
pub fn needless_pass_by_value(text: String) -> usize { //~ clippy::must_use_candidate clippy::needless_pass_by_value
    text.len()
}

#[timed]
pub fn needless_pass_by_ref_mut(numbers: &mut Vec<u32>) -> usize {
    private_by_ref_mut(numbers)
}

#[timed]
fn private_by_ref_mut(numbers: &mut Vec<u32>) -> usize { //~ -clippy::missing_const_for_fn clippy::needless_pass_by_ref_mut clippy::ptr_arg
    numbers.len()
}

#[timed]
pub fn too_many_arguments(a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8, h: u8) -> [u8; 8] { //~ -clippy::missing_const_for_fn clippy::many_single_char_names clippy::must_use_candidate clippy::too_many_arguments
    [a, b, c, d, e, f, g, h]
}

#[timed]
pub async fn too_many_arguments_later(a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8, h: u8) -> [u8; 8] { //~ clippy::many_single_char_names clippy::too_many_arguments
    std::future::ready(()).await;
    [a, b, c, d, e, f, g, h]
}

#[timed]
pub fn many_single_char_names(a: u8, b: u8, c: u8, d: u8, e: u8) -> u8 { //~ -clippy::missing_const_for_fn clippy::many_single_char_names clippy::must_use_candidate
    a + b + c + d + e
}

#[timed]
pub fn needless_lifetimes<'a>(text: &'a str) -> &'a str { //~ clippy::must_use_candidate clippy::needless_lifetimes
    text.trim()
}

#[timed]
pub async fn needless_lifetimes_later<'a>(text: &'a str) -> &'a str { //~ clippy::needless_lifetimes
    std::future::ready(()).await;
    text.trim()
}

#[timed]
pub fn extra_unused_lifetimes<'a>(number: u32) -> u32 { //~ -clippy::missing_const_for_fn clippy::extra_unused_lifetimes clippy::must_use_candidate
    number + 1
}

#[timed]
pub async fn extra_unused_lifetimes_later<'a>(number: u32) -> u32 { //~ clippy::extra_unused_lifetimes
    std::future::ready(number).await
}

#[timed]
pub fn extra_unused_type_parameters<T>(number: u32) -> u32 { //~ -clippy::missing_const_for_fn clippy::must_use_candidate
    number + 1
}

#[timed]
pub fn missing_errors_doc(text: &str) -> Result<u32, std::num::ParseIntError> { //~ clippy::missing_errors_doc
    text.parse()
}

#[timed]
pub async fn missing_errors_doc_later(text: &str) -> Result<u32, std::num::ParseIntError> { //~ clippy::missing_errors_doc
    std::future::ready(()).await;
    text.parse()
}

#[timed]
pub fn missing_panics_doc(text: &str) -> u32 { //~ clippy::missing_panics_doc clippy::must_use_candidate
    text.parse().unwrap()
}

#[timed]
pub async fn missing_panics_doc_later(text: &str) -> u32 { //~ clippy::missing_panics_doc
    std::future::ready(()).await;
    text.parse().unwrap()
}

#[timed]
pub fn must_use_candidate(number: u32) -> u32 { //~ -clippy::missing_const_for_fn clippy::must_use_candidate
    number + 1
}

#[timed]
#[must_use]
pub fn must_use_unit() {} //~ -clippy::missing_const_for_fn clippy::must_use_unit

#[timed]
#[must_use]
pub fn double_must_use() -> Result<u32, u32> { //~ -clippy::missing_const_for_fn clippy::double_must_use clippy::missing_errors_doc
    Ok(7)
}

#[timed]
pub async fn unused_async(number: u32) -> u32 { //~ clippy::unused_async
    number + 1
}

#[timed]
pub async fn future_not_send(number: std::rc::Rc<u32>) -> u32 { //~ clippy::future_not_send
    std::future::ready(()).await;
    *number
}

#[timed]
pub fn made_future_not_send(number: std::rc::Rc<u32>) -> impl Future<Output = u32> { //~ clippy::future_not_send clippy::manual_async_fn
    async move {
        std::future::ready(()).await;
        *number
    }
}

#[timed]
pub fn manual_async_fn(number: u32) -> impl Future<Output = u32> { //~ clippy::manual_async_fn
    async move { std::future::ready(number).await }
}

#[timed]
pub async fn large_future(bytes: [u8; 20_000]) -> u8 {
    std::future::ready(()).await;
    bytes[0]
}

#[timed]
pub async fn awaits_a_large_future() -> u8 {
    large_future([0; 20_000]).await //~ clippy::large_futures clippy::large_stack_arrays
}

#[timed]
pub fn missing_const_for_fn(number: u32) -> u32 { //~ -clippy::missing_const_for_fn clippy::must_use_candidate
    number + 1
}

#[timed]
pub fn ptr_arg(numbers: &Vec<u32>) -> usize { //~ -clippy::missing_const_for_fn clippy::must_use_candidate clippy::ptr_arg
    numbers.len()
}

#[timed]
pub async fn ptr_arg_later(numbers: &Vec<u32>) -> usize { //~ clippy::ptr_arg
    std::future::ready(()).await;
    numbers.len()
}

#[timed]
pub fn trivially_copy_pass_by_ref(number: &u8) -> u8 { //~ -clippy::missing_const_for_fn clippy::must_use_candidate
    *number + 1
}

#[timed]
pub fn large_types_passed_by_value(bytes: [u8; 512]) -> u8 { //~ -clippy::missing_const_for_fn clippy::must_use_candidate
    bytes[0]
}

#[timed]
pub fn fn_params_excessive_bools(a: bool, b: bool, c: bool, d: bool) -> bool { //~ -clippy::missing_const_for_fn clippy::fn_params_excessive_bools clippy::must_use_candidate
    a && b || c && d
}

#[timed]
pub async fn fn_params_excessive_bools_later(a: bool, b: bool, c: bool, d: bool) -> bool { //~ clippy::fn_params_excessive_bools
    std::future::ready(()).await;
    a && b || c && d
}

#[timed]
pub fn implicit_hasher(map: &std::collections::HashMap<u32, u32>) -> usize { //~ clippy::implicit_hasher clippy::must_use_candidate
    map.len()
}

#[timed]
pub fn type_complexity(all: Vec<Vec<Box<(u32, Vec<Option<Result<u32, Vec<(u32, u32, u32)>>>>)>>>) -> usize { //~ clippy::must_use_candidate clippy::needless_pass_by_value clippy::type_complexity
    all.len()
}

#[timed]
pub fn unnecessary_box_returns() -> Box<u32> { //~ clippy::must_use_candidate
    Box::new(7)
}

#[timed]
pub fn result_unit_err(text: &str) -> Result<u32, ()> { //~ clippy::missing_errors_doc clippy::result_unit_err
    text.parse().map_err(drop)
}

#[timed]
pub async fn result_unit_err_later(text: &str) -> Result<u32, ()> { //~ clippy::missing_errors_doc
    std::future::ready(()).await;
    text.parse().map_err(drop)
}

#[timed]
pub fn result_large_err(text: &str) -> Result<u32, [u8; 256]> { //~ clippy::missing_errors_doc clippy::result_large_err
    text.parse().map_err(|_| [0; 256])
}

#[timed]
pub fn option_option() -> Option<Option<u32>> { //~ clippy::must_use_candidate
    std::env::args().next().map(|_| None)
}

#[timed]
pub fn box_collection(text: Box<String>) -> usize { //~ clippy::boxed_local clippy::must_use_candidate clippy::needless_pass_by_value
    text.len()
}

#[timed]
pub unsafe fn missing_safety_doc(pointer: *const u8) -> u8 { //~ -clippy::missing_const_for_fn clippy::missing_safety_doc clippy::must_use_candidate
    unsafe { *pointer }
}

#[timed]
pub unsafe extern "C" fn missing_safety_doc_abroad(pointer: *const u8) -> u8 { //~ -clippy::missing_const_for_fn clippy::missing_safety_doc clippy::must_use_candidate
    unsafe { *pointer }
}

#[timed]
pub fn not_unsafe_ptr_arg_deref(pointer: *const u8) -> u8 { //~ -clippy::missing_const_for_fn clippy::must_use_candidate
    unsafe { *pointer } //~ clippy::not_unsafe_ptr_arg_deref
}

#[timed]
#[inline(always)] //~ clippy::inline_always
pub fn inline_always(number: &str) -> usize { //~ -clippy::missing_const_for_fn clippy::must_use_candidate
    number.len()
}

#[timed]
pub fn ref_option(text: &Option<String>) -> usize {
    text.as_ref().map_or(0, String::len)
}

#[timed]
pub fn impl_trait_in_params(text: impl AsRef<str>) -> usize {
    text.as_ref().len()
}

/// Talks of a_name without marking it.
//~^ clippy::doc_markdown
#[timed]
pub fn doc_markdown(text: &str) -> usize { //~ -clippy::missing_const_for_fn clippy::must_use_candidate
    text.len()
}

/// First line
/// - one
/// two
//~^ -clippy::doc_lazy_continuation
#[timed]
pub async fn doc_lazy_continuation(text: &str) -> usize {
    std::future::ready(()).await;
    text.len()
}

#[timed]
#[allow(clippy::all)]
pub fn blanket_allow(text: &str) -> usize { //~ -clippy::missing_const_for_fn clippy::must_use_candidate
    return text.len();
}

#[timed]
pub fn cognitive_complexity(number: u32) -> u32 { //~ clippy::must_use_candidate
    let mut sum = 0;
    for i in 0..number {
        if i % 2 == 0 { sum += 1; } else if i % 3 == 0 { sum += 2; } else if i % 5 == 0 { sum += 3; }
        if i % 7 == 0 { sum += 1; } else if i % 9 == 0 { sum += 2; } else if i % 11 == 0 { sum += 3; }
        if i % 13 == 0 { sum += 1; } else if i % 15 == 0 { sum += 2; } else if i % 17 == 0 { sum += 3; }
        match i { 1 => sum += 1, 2 => sum += 2, 3 => sum += 3, 4 => sum += 4, 5 => sum += 5, _ => sum += 6 }
        match i { 1 => sum += 1, 2 => sum += 2, 3 => sum += 3, 4 => sum += 4, 5 => sum += 5, _ => sum += 6 }
        match i { 1 => sum += 1, 2 => sum += 2, 3 => sum += 3, 4 => sum += 4, 5 => sum += 5, _ => sum += 6 }
        while sum > 9 && i > 4 { sum -= 1; if sum == 3 || sum == 5 { break; } }
    }
    sum
}

#[timed]
pub async fn cognitive_complexity_later(number: u32) -> u32 {
    std::future::ready(()).await;
    let mut sum = 0;
    for i in 0..number {
        if i % 2 == 0 { sum += 1; } else if i % 3 == 0 { sum += 2; } else if i % 5 == 0 { sum += 3; }
        if i % 7 == 0 { sum += 1; } else if i % 9 == 0 { sum += 2; } else if i % 11 == 0 { sum += 3; }
        if i % 13 == 0 { sum += 1; } else if i % 15 == 0 { sum += 2; } else if i % 17 == 0 { sum += 3; }
        match i { 1 => sum += 1, 2 => sum += 2, 3 => sum += 3, 4 => sum += 4, 5 => sum += 5, _ => sum += 6 }
        match i { 1 => sum += 1, 2 => sum += 2, 3 => sum += 3, 4 => sum += 4, 5 => sum += 5, _ => sum += 6 }
        match i { 1 => sum += 1, 2 => sum += 2, 3 => sum += 3, 4 => sum += 4, 5 => sum += 5, _ => sum += 6 }
        while sum > 9 && i > 4 { sum -= 1; if sum == 3 || sum == 5 { break; } }
    }
    sum
}
