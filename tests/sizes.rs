//! An annotated async function makes a future that is no larger than that of the plain one plus a tenth; where that
//! is next to nothing, plus what measuring must remember: when the call began, and how long it was busy.
//!
//! `cargo test sizes -- --nocapture` prints the table.

use std::future::ready;

/// The same functions with and without an attribute.
macro_rules! shapes {
    ($module:ident $(, #[$attribute:meta])?) => {
        mod $module {
            use super::*;

            $(#[$attribute])?
            async fn nothing() {
                ready(()).await;
            }

            $(#[$attribute])?
            async fn no_await(text: &str) -> usize {
                text.len()
            }

            $(#[$attribute])?
            async fn small_arguments(number: u32, text: &str) -> usize {
                ready(()).await;
                text.len() + number as usize
            }

            $(#[$attribute])?
            async fn owned_arguments(text: String, numbers: Vec<u32>) -> usize {
                ready(()).await;
                text.len() + numbers.len()
            }

            $(#[$attribute])?
            async fn unused_arguments(_text: String, _: Vec<u32>) {
                ready(()).await;
            }

            $(#[$attribute])?
            async fn kilobyte(bytes: [u8; 1024]) -> u8 {
                ready(()).await;
                bytes[0]
            }

            $(#[$attribute])?
            async fn kilobyte_before_the_await(bytes: [u8; 1024]) -> u8 {
                let first = bytes[0];
                ready(()).await;
                first
            }

            $(#[$attribute])?
            async fn boxed_kilobyte(bytes: Box<[u8; 1024]>) -> u8 {
                ready(()).await;
                bytes[0]
            }

            $(#[$attribute])?
            async fn mutable_kilobyte(mut bytes: [u8; 1024]) -> [u8; 1024] {
                ready(()).await;
                bytes[0] = 7;
                bytes
            }

            $(#[$attribute])?
            async fn destructured_kilobyte((bytes, number): ([u8; 1024], u8)) -> u8 {
                ready(()).await;
                bytes[0] + number
            }

            $(#[$attribute])?
            async fn question_mark(text: &str) -> Result<u32, std::num::ParseIntError> {
                ready(()).await;
                let number: u32 = text.parse()?;
                ready(()).await;
                Ok(number + text.parse::<u32>()?)
            }

            $(#[$attribute])?
            async fn locals(number: u8) -> usize {
                let first = [number; 256];
                ready(&first).await;
                let second = [number; 256];
                ready(&second).await;
                first.len() + second.len()
            }

            $(#[$attribute])?
            async fn method(this: &Vec<u32>, by: usize) -> usize {
                ready(this).await;
                this.len() + by
            }

            $(#[$attribute])?
            async fn third(text: &str) -> usize {
                ready(()).await;
                text.len()
            }

            $(#[$attribute])?
            async fn second(text: &str) -> usize {
                third(text).await
            }

            $(#[$attribute])?
            async fn first(text: &str) -> usize {
                second(text).await
            }

            $(#[$attribute])?
            async fn third_kilobyte(bytes: [u8; 1024]) -> u8 {
                ready(()).await;
                bytes[0]
            }

            $(#[$attribute])?
            async fn second_kilobyte(bytes: [u8; 1024]) -> u8 {
                third_kilobyte(bytes).await
            }

            $(#[$attribute])?
            async fn first_kilobyte(bytes: [u8; 1024]) -> u8 {
                second_kilobyte(bytes).await
            }

            pub(super) fn sizes() -> Vec<(&'static str, usize)> {
                let array = [0; 1024];
                vec![
                    ("nothing", size_of_val(&nothing())),
                    ("no await", size_of_val(&no_await(""))),
                    ("small arguments", size_of_val(&small_arguments(1, ""))),
                    ("owned arguments", size_of_val(&owned_arguments(String::new(), Vec::new()))),
                    ("unused arguments", size_of_val(&unused_arguments(String::new(), Vec::new()))),
                    ("1 KiB argument", size_of_val(&kilobyte(array))),
                    ("1 KiB argument, gone at the await", size_of_val(&kilobyte_before_the_await(array))),
                    ("1 KiB argument in a box", size_of_val(&boxed_kilobyte(Box::new(array)))),
                    ("1 KiB argument, mutable", size_of_val(&mutable_kilobyte(array))),
                    ("1 KiB argument, destructured", size_of_val(&destructured_kilobyte((array, 1)))),
                    ("question marks", size_of_val(&question_mark(""))),
                    ("512 bytes of locals across awaits", size_of_val(&locals(1))),
                    ("method", size_of_val(&method(&Vec::new(), 1))),
                    ("three deep", size_of_val(&first(""))),
                    ("three deep, 1 KiB argument", size_of_val(&first_kilobyte(array))),
                ]
            }
        }
    };
}

shapes!(plain);
shapes!(timed, #[tachograph::timed]);
shapes!(scoped, #[tachograph::request_scoped]);

/// What measuring adds to a future: two numbers, and what aligning them takes.
const MEASURING: usize = 24;
/// What a request adds: its context, what the thread had before, and alignment.
const REQUEST: usize = 64;

#[test]
fn an_annotated_future_is_not_larger_than_what_is_measured_needs() {
    println!("{:36}{:>8}{:>8}{:>8}", "bytes of a future", "plain", "timed", "request");
    let mut too_large = Vec::new();
    for ((plain, timed), scoped) in plain::sizes().into_iter().zip(timed::sizes()).zip(scoped::sizes()) {
        let (name, plain) = plain;
        println!("{name:36}{plain:>8}{:>8}{:>8}", timed.1, scoped.1);
        let nested = if name.starts_with("three deep") { 3 } else { 1 };
        for (size, own) in [(timed.1, MEASURING), (scoped.1, REQUEST)] {
            let allowed = (plain + plain / 10).max(plain + nested * own);
            if size > allowed {
                too_large.push(format!("{name}: {size} bytes where {allowed} are allowed"));
            }
        }
    }
    assert!(too_large.is_empty(), "{too_large:#?}");
}
