//! What clippy finds in bodies.
use tachograph::timed;

#[timed]
pub fn needless_return(number: u32) -> u32 { //~ -clippy::missing_const_for_fn clippy::must_use_candidate
    return number + 1; //~ clippy::needless_return
}

#[timed]
pub async fn needless_return_later(number: u32) -> u32 {
    std::future::ready(()).await;
    return number + 1; //~ clippy::needless_return
}

#[timed]
pub fn needless_return_of_nothing(numbers: &mut Vec<u32>) {
    numbers.clear();
    return; //~ clippy::needless_return
}

#[timed]
pub fn needless_return_in_branches(number: u32) -> u32 { //~ -clippy::missing_const_for_fn clippy::must_use_candidate
    if number > 3 {
        return 1; //~ clippy::needless_return
    } else { //~ clippy::redundant_else
        return 2; //~ clippy::needless_return
    }
}

#[timed]
pub fn returns_a_let(number: u32) -> u32 { //~ -clippy::missing_const_for_fn clippy::must_use_candidate
    let sum = number + 1;
    sum //~ clippy::let_and_return
}

#[timed]
pub async fn returns_a_let_later(number: u32) -> u32 {
    let sum = std::future::ready(number).await;
    sum //~ clippy::let_and_return
}

#[timed]
pub fn needless_question_mark(text: &str) -> Result<u32, std::num::ParseIntError> { //~ clippy::missing_errors_doc
    Ok(text.parse::<u32>()?) //~ clippy::needless_question_mark
}

#[timed]
pub fn redundant_clone() -> String { //~ clippy::must_use_candidate
    let text = String::from("text");
    text.clone() //~ clippy::redundant_clone
}

#[timed]
pub fn needless_borrow(text: &str) -> usize { //~ clippy::must_use_candidate
    length(&text) //~ clippy::needless_borrow
}

#[timed]
pub async fn needless_borrow_later(text: String) -> usize {
    std::future::ready(()).await;
    length(&&text) //~ clippy::needless_borrow
}

fn length(text: &str) -> usize { //~ clippy::missing_const_for_fn
    text.len()
}

#[timed]
pub fn single_match(number: Option<u32>) {
    match number { //~ clippy::single_match
        Some(number) => println!("{}", number), //~ clippy::uninlined_format_args
        None => {}
    }
}

#[timed]
pub fn needless_range_loop(numbers: &[u32]) -> u32 { //~ clippy::must_use_candidate
    let mut sum = 0;
    for i in 0..numbers.len() { //~ clippy::needless_range_loop
        sum += numbers[i];
    }
    sum
}

#[timed]
pub fn explicit_counter(numbers: &[u32]) {
    let mut i = 0;
    for number in numbers { //~ clippy::explicit_counter_loop
        println!("{i} {number}");
        i += 1;
    }
}

#[timed]
pub fn len_zero(numbers: &[u32]) -> bool { //~ -clippy::missing_const_for_fn clippy::must_use_candidate
    numbers.len() == 0 //~ clippy::len_zero
}

#[timed]
pub fn bool_comparison(truth: bool) -> bool { //~ -clippy::missing_const_for_fn clippy::must_use_candidate
    truth == true //~ clippy::bool_comparison
}

#[timed]
pub fn needless_bool(number: u32) -> bool { //~ -clippy::missing_const_for_fn clippy::must_use_candidate
    if number > 3 { true } else { false } //~ clippy::needless_bool
}

#[timed]
pub fn cast_possible_truncation(number: u64) -> u32 { //~ -clippy::missing_const_for_fn clippy::must_use_candidate
    number as u32 //~ clippy::cast_possible_truncation
}

#[timed]
pub async fn cast_possible_truncation_later(number: u64) -> u32 {
    std::future::ready(()).await;
    number as u32 //~ clippy::cast_possible_truncation
}

#[timed]
pub fn wildcard_match(number: Option<u32>) -> u32 { //~ -clippy::missing_const_for_fn clippy::must_use_candidate
    match number { //~ clippy::manual_unwrap_or_default clippy::option_if_let_else
        Some(number) => number,
        _ => 0,
    }
}

#[timed]
pub fn items_after_statements() -> u32 { //~ clippy::must_use_candidate
    println!("first");
    const LAST: u32 = 7; //~ clippy::items_after_statements
    LAST
}

#[timed]
pub fn manual_let_else(number: Option<u32>) -> u32 { //~ -clippy::missing_const_for_fn clippy::must_use_candidate
    let number = match number { //~ clippy::manual_let_else
        Some(number) => number,
        None => return 0,
    };
    number + 1
}

#[timed]
pub fn question_mark(number: Option<u32>) -> Option<u32> { //~ -clippy::missing_const_for_fn clippy::must_use_candidate
    let number = match number { //~ clippy::manual_let_else clippy::question_mark
        Some(number) => number,
        None => return None,
    };
    Some(number + 1)
}

#[timed]
pub fn semicolon_if_nothing_returned(numbers: &mut Vec<u32>) {
    numbers.clear() //~ clippy::semicolon_if_nothing_returned
}

#[timed]
pub async fn semicolon_if_nothing_returned_later(numbers: &mut Vec<u32>) {
    std::future::ready(()).await;
    numbers.clear() //~ clippy::semicolon_if_nothing_returned
}

#[timed]
pub fn unit_value() {
    let nothing = drop(String::new()); //~ clippy::let_unit_value
    nothing //~ clippy::semicolon_if_nothing_returned
}

#[timed]
pub fn redundant_closure(numbers: Vec<u32>) -> Vec<String> { //~ clippy::must_use_candidate clippy::needless_pass_by_value
    numbers.iter().map(|number| number.to_string()).collect() //~ clippy::redundant_closure_for_method_calls
}

#[timed]
pub fn useless_vec() -> usize { //~ clippy::must_use_candidate
    let numbers = vec![1, 2, 3]; //~ clippy::useless_vec
    numbers.len()
}

#[timed]
pub fn option_if_let_else(number: Option<u32>) -> u32 { //~ -clippy::missing_const_for_fn clippy::must_use_candidate
    if let Some(number) = number { number + 1 } else { 0 } //~ clippy::option_if_let_else
}

#[timed]
pub fn branches_sharing_code(truth: bool) -> u32 { //~ clippy::must_use_candidate
    if truth {
        println!("yes");
        println!("end");
        1
    } else {
        println!("no");
        println!("end"); //~ clippy::branches_sharing_code
        1
    }
}

#[timed]
pub fn significant_drop(mutex: &std::sync::Mutex<u32>) -> u32 { //~ clippy::missing_panics_doc
    let guard = mutex.lock().unwrap(); //~ clippy::significant_drop_tightening
    let sum = *guard + 1;
    println!("{sum}");
    sum
}

#[timed]
pub fn float_cmp(left: f64, right: f64) -> bool { //~ clippy::must_use_candidate
    left == right //~ clippy::float_cmp
}

#[timed]
pub fn eq_op(number: u32) -> bool { //~ -clippy::missing_const_for_fn clippy::must_use_candidate
    number == number //~ clippy::eq_op
}

#[timed]
pub fn absurd(number: u32) -> bool { //~ -clippy::missing_const_for_fn clippy::must_use_candidate
    number < 0 //~ clippy::absurd_extreme_comparisons unused_comparisons
}

#[timed]
pub fn blocks_in_conditions(number: u32) -> bool { //~ clippy::must_use_candidate
    if { let next = number + 1; next > 3 } { println!("yes"); } //~ clippy::blocks_in_conditions
    true
}

#[timed]
pub fn shadows(number: u32) -> u32 { //~ clippy::must_use_candidate
    let number = number.to_string();
    let _ = number.clone(); //~ clippy::redundant_clone
    number.len() as u32 //~ clippy::cast_possible_truncation
}

#[timed]
pub fn similar(left: u32) -> u32 { //~ -clippy::missing_const_for_fn clippy::must_use_candidate
    let item = left;
    let iten = item + 1; //~ clippy::similar_names
    item + iten
}

#[timed]
pub fn unreadable() -> u32 { //~ -clippy::missing_const_for_fn clippy::must_use_candidate
    1234567 //~ clippy::unreadable_literal
}

#[timed]
pub fn let_unit(result: Result<(), u32>) -> Result<(), u32> { //~ clippy::missing_errors_doc
    let () = result?;
    Ok(())
}

#[timed]
pub fn used_underscore(_number: u32) -> u32 { //~ -clippy::missing_const_for_fn clippy::must_use_candidate
    _number + 1 //~ clippy::used_underscore_binding
}

#[timed]
pub async fn used_underscore_later(_text: String) -> String {
    std::future::ready(()).await;
    _text //~ clippy::used_underscore_binding
}

#[timed]
pub fn no_effect_underscore() { //~ -clippy::missing_const_for_fn
    let _unused = 1 + 1; //~ clippy::no_effect_underscore_binding
}

#[timed]
pub fn unnecessary_wraps() -> Option<u32> { //~ clippy::must_use_candidate
    private_wraps();
    private_wraps_result().ok()
}

#[timed]
fn private_wraps() -> Option<u32> { //~ clippy::unnecessary_wraps
    println!();
    Some(7)
}

#[timed]
fn private_wraps_result() -> Result<u32, std::fmt::Error> { //~ clippy::unnecessary_wraps
    println!();
    Ok(7)
}
