//! What rustc finds unused.
use tachograph::timed;

#[timed]
fn called_by_nobody() {} //~ -clippy::missing_const_for_fn dead_code

#[timed]
async fn awaited_by_nobody() {} //~ clippy::unused_async dead_code

#[timed]
fn calls_itself_only(depth: u32) -> u32 { //~ dead_code
    if depth == 0 { 0 } else { calls_itself_only(depth - 1) }
}

struct Private;

impl Private {
    #[timed]
    fn method_of_nobody(&self) {} //~ -clippy::missing_const_for_fn clippy::unused_self dead_code
}

#[timed]
pub fn argument(unused: u32) {} //~ -clippy::missing_const_for_fn unused_variables

#[timed]
pub fn owned_argument(unused: String) {} //~ clippy::needless_pass_by_value unused_variables

#[timed]
pub async fn async_argument(unused: u32) {} //~ clippy::unused_async unused_variables

#[timed]
pub async fn async_owned_argument(unused: String, used: String) -> String { //~ clippy::unused_async unused_variables
    used
}

#[timed]
pub fn pattern((first, second): (u32, u32)) -> u32 { //~ -clippy::missing_const_for_fn clippy::must_use_candidate unused_variables
    first
}

#[timed]
pub async fn async_pattern((first, second): (String, String)) -> String { //~ clippy::unused_async unused_variables
    first
}

#[timed]
pub fn mutable_argument(mut number: u32) -> u32 { //~ -clippy::missing_const_for_fn clippy::must_use_candidate unused_mut
    number
}

#[timed]
pub async fn async_mutable_argument(mut text: String) -> String { //~ clippy::unused_async unused_mut
    text
}

#[timed]
pub async fn async_mutable_unused(mut text: String) {} //~ clippy::unused_async unused_mut unused_variables

#[timed]
pub fn assigned_argument(mut number: u32) { //~ -clippy::missing_const_for_fn unused_variables
    number = 7; //~ unused_assignments
}

#[timed]
pub async fn async_assigned_argument(mut number: u32) { //~ clippy::unused_async unused_variables
    number = 7; //~ unused_assignments
}

#[timed]
pub fn local() {
    let unused = 1; //~ unused_variables
    let mut text = String::new(); //~ unused_mut
    drop(text);
}

#[timed]
pub async fn async_local() { //~ clippy::unused_async
    let unused = 1; //~ unused_variables
    let mut text = String::new(); //~ unused_mut
    drop(text);
}

#[timed]
pub fn assigned(condition: bool) -> u32 { //~ -clippy::missing_const_for_fn clippy::must_use_candidate
    let mut number = 1; //~ unused_assignments
    number = if condition { 2 } else { 3 };
    number
}

#[must_use]
#[timed]
pub fn important() -> u32 { //~ -clippy::missing_const_for_fn
    7
}

#[must_use]
#[timed]
pub async fn important_later() -> u32 {
    std::future::ready(7).await
}

#[timed]
#[must_use = "think of it"]
pub fn important_below() -> u32 { //~ -clippy::missing_const_for_fn
    7
}

#[timed]
pub async fn future() -> u32 {
    std::future::ready(7).await
}

#[timed]
pub fn drops_results() {
    important(); //~ unused_must_use
    important_below(); //~ unused_must_use
    "7".parse::<u32>(); //~ unused_must_use
    future(); //~ unused_must_use
    important_later(); //~ unused_must_use
}

#[timed]
pub async fn drops_results_later() {
    important_later().await; //~ unused_must_use
    "7".parse::<u32>(); //~ unused_must_use
    future(); //~ unused_must_use
    future().await;
}

#[timed]
pub fn braces(number: u32) -> u32 { //~ -clippy::missing_const_for_fn clippy::must_use_candidate
    let sum = number + { 7 };
    sum + 1
}

#[timed]
pub fn parentheses(number: u32) -> u32 { //~ -clippy::missing_const_for_fn clippy::must_use_candidate
    if (number > 3) { //~ unused_parens
        return (number); //~ unused_parens
    }
    3
}

#[timed]
pub async fn parentheses_later(number: u32) -> u32 {
    if (number > 3) { //~ unused_parens
        std::future::ready(()).await;
    }
    (number) //~ unused_parens
}

#[timed]
pub fn import() { //~ -clippy::missing_const_for_fn
    use std::collections::HashMap; //~ unused_imports
}

#[timed]
pub async fn import_later() {
    use std::collections::HashMap; //~ unused_imports
    std::future::ready(()).await;
}

#[timed]
pub fn unreachable_end() -> u32 { //~ -clippy::missing_const_for_fn clippy::must_use_candidate
    return 7;
    8 //~ unreachable_code
}

#[timed]
pub async fn unreachable_end_later() -> u32 {
    std::future::ready(()).await;
    return 7;
    8 //~ unreachable_code
}

#[timed]
pub fn unreachable_statement() { //~ clippy::missing_panics_doc
    panic!();
    drop(1); //~ dropping_copy_types unreachable_code
}

#[timed]
pub fn item() { //~ -clippy::missing_const_for_fn
    fn inner() {} //~ -clippy::missing_const_for_fn dead_code
    const INNER: u32 = 1; //~ dead_code
}

#[timed]
pub fn label() { //~ -clippy::missing_const_for_fn
    'outer: loop { //~ clippy::never_loop unused_labels
        break;
    }
}

#[timed]
pub fn value() { //~ -clippy::missing_const_for_fn
    1 + 1; //~ clippy::no_effect unused_must_use
}

#[timed]
pub fn result_of_an_argument(result: Result<u32, u32>) { //~ -clippy::missing_const_for_fn
    result; //~ path_statements unused_must_use
}

#[timed]
pub fn macro_of_nobody() { //~ -clippy::missing_const_for_fn
    macro_rules! unused { //~ unused_macros
        () => {};
    }
}

#[timed]
#[deprecated]
pub fn old() {} //~ -clippy::missing_const_for_fn

#[timed]
#[deprecated]
pub async fn old_later() {} //~ clippy::unused_async

#[timed]
pub async fn calls_old() {
    old(); //~ deprecated
    old_later().await; //~ deprecated
}

#[timed]
pub fn never_returns() { //~ unconditional_recursion
    never_returns();
}

#[timed]
pub fn Shouted() {} //~ -clippy::missing_const_for_fn non_snake_case

#[timed]
pub fn shouted_argument(Argument: u32) -> u32 { //~ -clippy::missing_const_for_fn clippy::must_use_candidate non_snake_case
    Argument + 1
}

#[timed]
pub async fn shouted_argument_later(Argument: String) -> String { //~ clippy::unused_async non_snake_case
    Argument
}

#[timed]
pub fn private_type(_: Private) {} //~ -clippy::missing_const_for_fn private_interfaces

#[timed]
pub async fn private_type_later(_: &Private) {} //~ clippy::unused_async private_interfaces

#[timed]
pub unsafe fn dangerous(pointer: *const u8) -> u8 { //~ -clippy::missing_const_for_fn clippy::missing_safety_doc clippy::must_use_candidate
    unsafe { *pointer }
}

#[timed]
pub unsafe fn dangerous_without_block(pointer: *const u8) -> u8 { //~ -clippy::missing_const_for_fn clippy::missing_safety_doc clippy::must_use_candidate
    *pointer //~ E0133
}

#[timed]
pub fn needless_unsafe() -> u8 { //~ -clippy::missing_const_for_fn clippy::must_use_candidate
    unsafe { 1 } //~ unused_unsafe
}
