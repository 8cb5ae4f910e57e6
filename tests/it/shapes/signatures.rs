//! Free functions: what can stand in a signature.
#![allow(
    clippy::needless_lifetimes,
    clippy::extra_unused_lifetimes,
    clippy::toplevel_ref_arg,
    clippy::too_many_arguments,
    clippy::unused_unit,
    unused_braces,
    unused_parens,
    reason = "the long way to write a signature is a shape as well"
)]

use std::fmt::Display;
use std::marker::PhantomData;

use tachograph::timed;

use super::driver::{panic_of, work};

#[timed]
fn free_function(number: u8) -> u8 {
    work();
    number + 1
}
shape!(sync free_function => Ok, { assert_eq!(free_function(1), 2) });

#[timed]
fn without_result(numbers: &mut Vec<u8>) {
    work();
    numbers.push(7);
}
shape!(sync without_result => Ok, {
    let mut numbers = vec![];
    without_result(&mut numbers);
    assert_eq!(numbers, [7]);
});

#[timed]
fn written_unit_result(number: &mut u8) -> () {
    work();
    *number += 1;
}
shape!(sync written_unit_result => Ok, {
    let mut number = 1;
    written_unit_result(&mut number);
    assert_eq!(number, 2);
});

#[timed]
fn generic<T: Clone>(value: &T) -> (T, T) {
    work();
    (value.clone(), value.clone())
}
shape!(sync generic => 2 x Ok, {
    assert_eq!(generic(&1), (1, 1));
    assert_eq!(generic(&"a"), ("a", "a"));
});

#[timed]
fn bound_by_where<I, T>(items: I) -> Vec<T>
where
    I: IntoIterator,
    I::Item: Into<T>,
    T: Ord,
{
    work();
    let mut items: Vec<T> = items.into_iter().map(Into::into).collect();
    items.sort();
    items
}
shape!(sync bound_by_where => Ok, { assert_eq!(bound_by_where::<_, u16>([3_u8, 1]), [1_u16, 3]) });

#[timed]
fn const_generic<const N: usize, T: Copy + Default>(first: T) -> [T; N] {
    work();
    let mut values = [T::default(); N];
    values[0] = first;
    values
}
shape!(sync const_generic => Ok, { assert_eq!(const_generic::<3, _>(5), [5, 0, 0]) });

#[timed]
fn unsized_generic<T: ?Sized + AsRef<[u8]>>(bytes: &T) -> usize {
    work();
    bytes.as_ref().len()
}
shape!(sync unsized_generic => Ok, { assert_eq!(unsized_generic("four"), 4) });

#[timed]
fn elided_lifetime(text: &str) -> &str {
    work();
    text.trim()
}
shape!(sync elided_lifetime => Ok, {
    let text = String::from(" a ");
    assert_eq!(elided_lifetime(&text), "a");
});

#[timed]
fn named_lifetimes<'a, 'b: 'a>(one: &'a str, other: &'b str) -> &'a str {
    work();
    if one.len() > other.len() { one } else { other }
}
shape!(sync named_lifetimes => Ok, { assert_eq!(named_lifetimes("a", "bc"), "bc") });

#[timed]
fn two_lifetimes_one_returned<'a>(kept: &'a mut Vec<u8>, looked_at: &[u8]) -> &'a mut u8 {
    work();
    kept.extend(looked_at);
    &mut kept[0]
}
shape!(sync two_lifetimes_one_returned => Ok, {
    let mut kept = vec![];
    *two_lifetimes_one_returned(&mut kept, &[1, 2]) = 9;
    assert_eq!(kept, [9, 2]);
});

#[timed]
fn anonymous_lifetime(text: &str) -> std::str::Chars<'_> {
    work();
    text.chars()
}
shape!(sync anonymous_lifetime => Ok, { assert_eq!(anonymous_lifetime("ab").rev().collect::<String>(), "ba") });

#[timed]
fn higher_ranked<F>(choose: F) -> usize
where
    F: for<'a> Fn(&'a str, &'a str) -> &'a str,
{
    work();
    choose("a", "bc").len()
}
shape!(sync higher_ranked => Ok, { assert_eq!(higher_ranked(|_, second| second), 2) });

#[timed]
fn static_result() -> &'static str {
    work();
    "constant"
}
shape!(sync static_result => Ok, { assert_eq!(static_result(), "constant") });

#[timed]
fn impl_trait_argument(numbers: impl Iterator<Item = u8>) -> u8 {
    work();
    numbers.sum()
}
shape!(sync impl_trait_argument => Ok, { assert_eq!(impl_trait_argument([1, 2].into_iter()), 3) });

#[timed]
fn nested_impl_trait_argument(numbers: &mut impl Iterator<Item = impl Into<u64>>) -> u64 {
    work();
    numbers.map(Into::into).sum()
}
shape!(sync nested_impl_trait_argument => Ok, {
    assert_eq!(nested_impl_trait_argument(&mut [1_u8, 2].into_iter()), 3);
});

#[timed]
fn impl_iterator_result<T>(items: &[T]) -> impl DoubleEndedIterator<Item = &T> + '_ {
    work();
    items.iter().skip(1)
}
shape!(sync impl_iterator_result => Ok, { assert!(impl_iterator_result(&[1, 2, 3]).rev().eq(&[3, 2])) });

#[timed]
fn impl_fn_result(add: usize) -> impl Fn(&str) -> usize {
    work();
    move |text| text.len() + add
}
shape!(sync impl_fn_result => Ok, { assert_eq!(impl_fn_result(1)("ab"), 3) });

#[timed]
fn impl_fn_mut_result<'a>(log: &'a mut Vec<String>) -> impl FnMut(&str) -> usize + 'a {
    work();
    move |text| {
        log.push(text.to_owned());
        log.len()
    }
}
shape!(sync impl_fn_mut_result => Ok, {
    let mut log = vec![];
    assert_eq!(impl_fn_mut_result(&mut log)("a"), 1);
    assert_eq!(log, ["a"]);
});

#[timed]
fn result_of_impl_trait(fine: bool) -> Result<impl Display, String> {
    work();
    if fine { Ok(7_u8) } else { Err("failed".to_owned()) }
}
shape!(sync result_of_impl_trait => Error, {
    assert_eq!(result_of_impl_trait(false).map(|value| value.to_string()), Err("failed".to_owned()));
});

#[timed]
fn tuple_of_impl_traits(number: u8) -> (impl Fn(u8) -> u8, impl Display) {
    work();
    (move |other| number + other, number)
}
shape!(sync tuple_of_impl_traits => Ok, {
    let (add, shown) = tuple_of_impl_traits(3);
    assert_eq!((add(4), shown.to_string()), (7, "3".to_owned()));
});

#[timed]
fn nested_impl_trait_result(text: &str) -> Option<impl Iterator<Item = impl Display + use<'_>> + use<'_>> {
    work();
    (!text.is_empty()).then(|| text.split(','))
}
shape!(sync nested_impl_trait_result => Ok, {
    let parts: Vec<_> = nested_impl_trait_result("a,b").unwrap().map(|part| part.to_string()).collect();
    assert_eq!(parts, ["a", "b"]);
});

#[timed]
fn precise_capture<'a, T>(_looked_at: &'a [u8], kept: Vec<T>) -> impl Iterator<Item = T> + use<T> {
    work();
    kept.into_iter()
}
shape!(sync precise_capture => Ok, {
    let kept = { precise_capture(&[1].repeat(2), vec!["a"]) };
    assert!(kept.eq(["a"]));
});

#[timed]
fn dyn_argument(show: &dyn Display, each: &mut dyn FnMut(char)) -> usize {
    work();
    show.to_string().chars().map(each).count()
}
shape!(sync dyn_argument => Ok, {
    let mut seen = String::new();
    assert_eq!(dyn_argument(&17, &mut |character| seen.push(character)), 2);
    assert_eq!(seen, "17");
});

#[timed]
fn dyn_result<'a>(text: &'a str) -> Box<dyn Fn(usize) -> Option<char> + 'a> {
    work();
    Box::new(|at| text.chars().nth(at))
}
shape!(sync dyn_result => Ok, { assert_eq!(dyn_result("ab")(1), Some('b')) });

struct Point {
    x: u8,
    y: u8,
}

#[timed]
fn destructured((a, b): (u8, u8), Point { x, y: other }: Point, [first, .., last]: [u8; 4]) -> u8 {
    work();
    a + b + x + other + first + last
}
shape!(sync destructured => Ok, { assert_eq!(destructured((1, 2), Point { x: 4, y: 8 }, [16, 0, 0, 32]), 63) });

#[timed]
fn reference_patterns(&(a, ref b): &(u8, String), &mut c: &mut u8) -> usize {
    work();
    usize::from(a) + b.len() + usize::from(c)
}
shape!(sync reference_patterns => Ok, { assert_eq!(reference_patterns(&(1, "ab".into()), &mut 4), 7) });

#[timed]
fn bound_patterns(whole @ (first, _): (u8, u8)) -> (u8, (u8, u8)) {
    work();
    (first, whole)
}
shape!(sync bound_patterns => Ok, { assert_eq!(bound_patterns((1, 2)), (1, (1, 2))) });

#[timed]
fn ref_parameters(ref name: String, ref mut count: u8) -> (usize, u8) {
    work();
    *count += 1;
    (name.len(), *count)
}
shape!(sync ref_parameters => Ok, { assert_eq!(ref_parameters("ab".into(), 1), (2, 2)) });

#[timed]
fn mut_parameters(mut text: String, mut counts: [u8; 2], (mut a, b): (u8, u8)) -> (String, [u8; 2], u8) {
    work();
    text.push('b');
    counts[1] += 1;
    a += b;
    (text, counts, a)
}
shape!(sync mut_parameters => Ok, {
    assert_eq!(mut_parameters("a".into(), [0; 2], (1, 2)), ("ab".into(), [0, 1], 3));
});

#[timed]
fn unnamed_parameters(_: u8, _: &str, (_, kept): (String, u8), _unused: Vec<u8>) -> u8 {
    work();
    kept
}
shape!(sync unnamed_parameters => Ok, { assert_eq!(unnamed_parameters(1, "", ("a".into(), 2), vec![]), 2) });

#[timed]
fn cfg_parameters(
    #[cfg(not(any()))] present: u8,
    #[cfg(any())] absent: NoSuchType,
    #[cfg(test)] mut changed: u8,
) -> u8 {
    work();
    changed += 1;
    present + changed
}
shape!(sync cfg_parameters => Ok, { assert_eq!(cfg_parameters(1, 2), 4) });

#[timed]
fn parameters_with_attributes(
    #[allow(unused_variables)] unused: u8,
    #[expect(unused_mut)] mut used: u8,
) -> u8 {
    work();
    used
}
shape!(sync parameters_with_attributes => Ok, { assert_eq!(parameters_with_attributes(1, 2), 2) });

#[timed]
fn many_parameters(
    a: u8,
    b: u16,
    c: u32,
    d: u64,
    e: i8,
    f: i16,
    g: i32,
    h: i64,
    i: f32,
    j: f64,
    k: char,
    l: bool,
) -> f64 {
    work();
    let whole = u64::from(a) + u64::from(b) + u64::from(c) + d;
    let signed = i64::from(e) + i64::from(f) + i64::from(g) + h;
    assert!(l && k == 'k');
    whole as f64 + signed as f64 + f64::from(i) + j
}
shape!(sync many_parameters => Ok, {
    assert_eq!(many_parameters(1, 1, 1, 1, 1, 1, 1, 1, 1.0, 1.0, 'k', true), 10.0);
});

#[timed]
fn big_argument(mut bytes: [u8; 65_536], at: usize) -> [u8; 65_536] {
    work();
    bytes[at] = 1;
    bytes
}
shape!(sync big_argument => Ok, {
    let bytes = big_argument([0; 65_536], 40_000);
    assert_eq!(bytes.iter().position(|byte| *byte == 1), Some(40_000));
});

#[timed]
fn function_pointers(twice: fn(u8) -> u8, text: for<'a> fn(&'a str) -> &'a str) -> fn(u8) -> u8 {
    work();
    assert_eq!(text(" a "), "a");
    twice
}
shape!(sync function_pointers => Ok, { assert_eq!(function_pointers(|number| number * 2, str::trim)(4), 8) });

#[timed]
fn associated_types<I: Iterator>(mut items: I) -> Option<<I as Iterator>::Item>
where
    <I as Iterator>::Item: Copy,
{
    work();
    items.next()
}
shape!(sync associated_types => Ok, { assert_eq!(associated_types([1, 2].iter()), Some(&1)) });

#[timed]
fn phantom<T>(_of: PhantomData<T>) -> usize {
    work();
    size_of::<T>()
}
shape!(sync phantom => Ok, { assert_eq!(phantom::<u32>(PhantomData), 4) });

#[timed]
unsafe fn unsafe_function(number: *const u8) -> u8 {
    work();
    // SAFETY: the caller says that it is one.
    unsafe { *number }
}
shape!(sync unsafe_function => Ok, {
    // SAFETY: a reference is a good pointer.
    assert_eq!(unsafe { unsafe_function(&5) }, 5);
});

#[timed]
extern "C" fn extern_c(number: i32) -> i32 {
    work();
    number + 1
}
shape!(sync extern_c => Ok, {
    let callback: extern "C" fn(i32) -> i32 = extern_c;
    assert_eq!(callback(1), 2);
});

#[timed]
unsafe extern "C" fn unsafe_extern_c(text: *const core::ffi::c_char) -> usize {
    work();
    // SAFETY: the caller says that it is a string.
    unsafe { core::ffi::CStr::from_ptr(text) }.count_bytes()
}
shape!(sync unsafe_extern_c => Ok, {
    // SAFETY: a literal is a string.
    assert_eq!(unsafe { unsafe_extern_c(c"abc".as_ptr()) }, 3);
});

#[timed]
#[unsafe(no_mangle)]
extern "C" fn tachograph_shape_with_a_symbol(number: u8) -> u8 {
    work();
    number
}
shape!(sync tachograph_shape_with_a_symbol => Ok, {
    mod declared {
        unsafe extern "C" {
            pub(super) safe fn tachograph_shape_with_a_symbol(number: u8) -> u8;
        }
    }
    assert_eq!(declared::tachograph_shape_with_a_symbol(3), 3);
});

#[timed]
extern "C-unwind" fn extern_c_that_unwinds() {
    work();
    panic!("through C");
}
shape!(sync extern_c_that_unwinds => Panic, { assert_eq!(panic_of(|| extern_c_that_unwinds()), "through C") });

#[timed]
fn never_returns(message: &str) -> ! {
    work();
    panic!("{message}")
}
shape!(sync never_returns => Panic, {
    let payload = panic_of(|| -> u8 { never_returns("on purpose") });
    assert_eq!(payload, "on purpose");
});

#[timed]
fn recursion(depth: u8) -> u8 {
    work();
    if depth == 0 { 0 } else { 1 + recursion(depth - 1) }
}
shape!(sync recursion => 4 x Ok, { assert_eq!(recursion(3), 3) });

#[timed]
fn mutual_recursion(number: u8) -> bool {
    fn is_odd(number: u8) -> bool {
        number != 0 && mutual_recursion(number - 1)
    }
    work();
    number == 0 || is_odd(number - 1)
}
shape!(sync mutual_recursion => 3 x Ok, { assert!(mutual_recursion(4)) });

#[timed]
fn outer_of_two(number: u8) -> u8 {
    #[timed]
    fn inner_of_two(number: u8) -> u8 {
        #[timed]
        fn innermost(number: u8) -> u8 {
            work();
            number + 1
        }
        work();
        innermost(number) + 1
    }
    inner_of_two(number) + inner_of_two(number)
}
shape!(sync nested_functions => [
    sync "outer_of_two" => 1 x Ok,
    sync "inner_of_two" => 2 x Ok,
    sync "innermost" => 2 x Ok
], { assert_eq!(outer_of_two(1), 6) });

#[timed]
fn r#type(r#match: u8, r#fn: &u8) -> u8 {
    work();
    r#match + r#fn
}
shape!(sync raw_identifiers as "type" => Ok, { assert_eq!(r#type(1, &2), 3) });

#[timed]
fn größe(länge: u8) -> u8 {
    work();
    länge
}
shape!(sync identifiers_beyond_ascii as "größe" => Ok, { assert_eq!(größe(3), 3) });

#[timed]
fn passed_as_a_value(number: u8) -> u8 {
    work();
    number + 1
}
shape!(sync passed_as_a_value => 2 x Ok, { assert_eq!([1, 2].map(passed_as_a_value), [2, 3]) });

#[timed]
pub(in crate::it) fn visible_elsewhere(number: u8) -> u8 {
    work();
    number
}
shape!(sync visible_elsewhere => Ok, { assert_eq!(crate::it::shapes::signatures::visible_elsewhere(1), 1) });

#[timed(name = "a \"name\" of\\its own")]
fn named_by_hand() {
    work();
}
shape!(sync named_by_hand as "a \"name\" of\\its own" => Ok, { named_by_hand() });

#[timed]
fn lifetimes_in_types<'a>(
    text: &'a str,
    seen: &mut Vec<std::borrow::Cow<'a, str>>,
) -> std::borrow::Cow<'a, str> {
    work();
    seen.push(text.into());
    text.replace('a', "b").into()
}
shape!(sync lifetimes_in_types => Ok, {
    let mut seen = vec![];
    assert_eq!(lifetimes_in_types("a", &mut seen), "b");
    assert_eq!(seen, ["a"]);
});

#[timed]
fn arrays_of_expressions<const N: usize>(values: [u8; N]) -> [u8; { 1 + 2 }] {
    work();
    [values[0], N as u8, 0]
}
shape!(sync arrays_of_expressions => Ok, { assert_eq!(arrays_of_expressions([7, 8]), [7, 2, 0]) });

#[timed]
fn parenthesised_types(show: &(dyn Display + Send + 'static)) -> (String) {
    work();
    show.to_string()
}
shape!(sync parenthesised_types => Ok, { assert_eq!(parenthesised_types(&1), "1") });

#[timed]
fn trait_object_with_lifetime<'a>(items: &'a [u8]) -> Box<dyn Iterator<Item = &'a u8> + 'a> {
    work();
    Box::new(items.iter())
}
shape!(sync trait_object_with_lifetime => Ok, { assert_eq!(trait_object_with_lifetime(&[1, 2]).count(), 2) });
