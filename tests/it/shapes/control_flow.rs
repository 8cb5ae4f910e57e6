//! What a body can do before it ends.
#![allow(
    clippy::needless_return,
    clippy::items_after_statements,
    clippy::never_loop,
    clippy::let_and_return,
    clippy::unused_unit,
    clippy::unnecessary_operation,
    clippy::blocks_in_conditions,
    clippy::redundant_closure_call,
    clippy::question_mark,
    unused_braces,
    reason = "bodies are written in all the ways that there are"
)]

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::Mutex;

use tachograph::timed;

use super::driver::{panic_of, work};

#[timed]
fn early_return(number: u8) -> u8 {
    work();
    if number > 1 {
        return number;
    }
    0
}
shape!(sync early_return => Ok, { assert_eq!(early_return(2), 2) });

#[timed]
fn early_return_of_nothing(seen: &Cell<u8>) {
    work();
    if seen.get() == 0 {
        return;
    }
    seen.set(9);
}
shape!(sync early_return_of_nothing => Ok, {
    let seen = Cell::new(0);
    early_return_of_nothing(&seen);
    assert_eq!(seen.get(), 0);
});

#[timed]
fn early_error(number: u8) -> Result<u8, String> {
    work();
    if number > 1 {
        return Err(format!("{number} is too many"));
    }
    Ok(number)
}
shape!(sync early_error => Error, { assert_eq!(early_error(2), Err("2 is too many".into())) });

#[timed]
fn question_mark_on_a_result(texts: &[&str]) -> Result<u32, std::num::ParseIntError> {
    work();
    let mut sum = 0;
    for text in texts {
        sum += text.parse::<u32>()?;
    }
    Ok(sum)
}
shape!(sync question_mark_on_a_result => Error, { assert!(question_mark_on_a_result(&["1", "x"]).is_err()) });

#[timed]
fn question_mark_on_an_option(words: &HashMap<&str, &'static str>) -> Option<char> {
    work();
    words.get("key")?.chars().next()
}
shape!(sync question_mark_on_an_option => Ok, { assert_eq!(question_mark_on_an_option(&HashMap::new()), None) });

#[timed]
fn question_mark_at_the_end(text: &str) -> Result<(), std::num::ParseIntError> {
    work();
    text.parse::<u8>().map(|_| ())?;
    Ok(())
}
shape!(sync question_mark_at_the_end => Error, { assert!(question_mark_at_the_end("x").is_err()) });

#[timed]
fn return_within_a_match(number: Option<u8>) -> &'static str {
    work();
    let number = match number {
        Some(0) => return "zero",
        Some(number) if number > 9 => return { "many" },
        Some(number) => number,
        None => return "none",
    };
    if number == 1 { "one" } else { "some" }
}
shape!(sync return_within_a_match => 4 x Ok, {
    assert_eq!([None, Some(0), Some(1), Some(10)].map(return_within_a_match), ["none", "zero", "one", "many"]);
});

#[timed]
fn return_within_loops(rows: &[Vec<u8>]) -> Option<(usize, usize)> {
    work();
    for (at, row) in rows.iter().enumerate() {
        let mut column = 0;
        while column < row.len() {
            if row[column] == 7 {
                return Some((at, column));
            }
            column += 1;
        }
    }
    None
}
shape!(sync return_within_loops => Ok, { assert_eq!(return_within_loops(&[vec![1], vec![2, 7]]), Some((1, 1))) });

#[timed]
fn return_within_a_closure(numbers: &[u8]) -> usize {
    work();
    let small = |number: &&u8| -> bool {
        if **number > 5 {
            return false;
        }
        true
    };
    numbers.iter().filter(small).count()
}
shape!(sync return_within_a_closure => Ok, { assert_eq!(return_within_a_closure(&[1, 6, 2]), 2) });

#[timed]
fn question_mark_within_a_closure(texts: &[&str]) -> usize {
    work();
    let parse = |text: &str| -> Result<u8, std::num::ParseIntError> { Ok(text.parse::<u8>()? + 1) };
    texts.iter().filter(|text| parse(text).is_ok()).count()
}
shape!(sync question_mark_within_a_closure => Ok, { assert_eq!(question_mark_within_a_closure(&["1", "x"]), 1) });

#[timed]
fn called_closure_as_a_try_block(text: &str) -> Option<u8> {
    work();
    (|| {
        let number: u8 = text.parse().ok()?;
        number.checked_add(1)
    })()
}
shape!(sync called_closure_as_a_try_block => Ok, { assert_eq!(called_closure_as_a_try_block("255"), None) });

#[timed]
fn labelled_breaks(limit: u8) -> u8 {
    work();
    let mut steps = 0;
    let found = 'outer: loop {
        'inner: for step in 0.. {
            steps += 1;
            if step == 2 {
                continue 'outer;
            }
            if steps > limit {
                break 'outer steps;
            }
            if step == 9 {
                break 'inner;
            }
        }
    };
    found
}
shape!(sync labelled_breaks => Ok, { assert_eq!(labelled_breaks(4), 5) });

#[timed]
fn labelled_block(number: u8) -> &'static str {
    work();
    'block: {
        if number == 0 {
            break 'block "zero";
        }
        "more"
    }
}
shape!(sync labelled_block => Ok, { assert_eq!(labelled_block(0), "zero") });

#[timed]
fn let_else(text: &str) -> Result<u8, ()> {
    work();
    let Some((_, digits)) = text.split_once('=') else {
        return Err(());
    };
    let Ok(number) = digits.parse() else { return Err(()) };
    Ok(number)
}
shape!(sync let_else => 2 x Error, { assert_eq!(["a", "a=b"].map(let_else), [Err(()), Err(())]) });

#[timed]
fn if_let_chain(text: Option<&str>) -> u8 {
    work();
    if let Some(text) = text
        && let Ok(number) = text.parse()
        && number > 1
    {
        return number;
    }
    0
}
shape!(sync if_let_chain => Ok, { assert_eq!(if_let_chain(Some("2")), 2) });

#[timed]
fn diverging_tail(number: u8) -> u8 {
    work();
    loop {
        if number < 3 {
            return number;
        }
    }
}
shape!(sync diverging_tail => Ok, { assert_eq!(diverging_tail(2), 2) });

#[timed]
fn returns_everywhere(number: u8) -> u8 {
    work();
    if number == 0 {
        return 1;
    } else {
        return number;
    }
}
shape!(sync returns_everywhere => Ok, { assert_eq!(returns_everywhere(0), 1) });

#[timed]
fn panicking_tail() -> String {
    work();
    panic!("no {}", "string")
}
shape!(sync panicking_tail => Panic, { assert_eq!(panic_of(panicking_tail), "no string") });

#[timed]
fn failed_assertion(number: u8) -> u8 {
    work();
    assert!(number > 1, "{number} is too few");
    number
}
shape!(sync failed_assertion => Panic, { assert_eq!(panic_of(|| failed_assertion(1)), "1 is too few") });

#[timed]
fn panic_caught_within() -> String {
    work();
    panic_of(|| -> u8 { panic!("caught") })
}
shape!(sync panic_caught_within => Ok, { assert_eq!(panic_caught_within(), "caught") });

#[timed]
fn items_within(number: u8) -> u8 {
    use std::cmp::max as larger;
    const ONE: u8 = 1;
    static TWO: u8 = 2;
    struct Three(u8);
    impl Three {
        const VALUE: Self = Self(3);
    }
    macro_rules! four {
        () => {
            4
        };
    }
    work();
    fn later(number: u8) -> u8 {
        number + ONE
    }
    larger(number, later(TWO) + Three::VALUE.0 + four!())
}
shape!(sync items_within => Ok, { assert_eq!(items_within(0), 10) });

#[timed]
fn macros_that_return(number: u8) -> Result<u8, &'static str> {
    macro_rules! ensure {
        ($condition:expr, $message:literal) => {
            if !$condition {
                return Err($message);
            }
        };
    }
    work();
    ensure!(number > 1, "too few");
    Ok(number)
}
shape!(sync macros_that_return => Error, { assert_eq!(macros_that_return(1), Err("too few")) });

#[timed]
fn body_is_a_block() -> u8 {
    {
        {
            work();
            1
        }
    }
}
shape!(sync body_is_a_block => Ok, { assert_eq!(body_is_a_block(), 1) });

#[timed]
#[rustfmt::skip]
fn body_begins_like_a_struct_literal(number: u8) -> Option<u8> {
    { work() };
    match { number } {
        0 => None,
        _ => ({ Some })(number),
    }
}
shape!(sync body_begins_like_a_struct_literal => Ok, { assert_eq!(body_begins_like_a_struct_literal(1), Some(1)) });

#[timed]
#[rustfmt::skip]
fn body_in_one_line() -> u8 { work(); 1 }
shape!(sync body_in_one_line => Ok, { assert_eq!(body_in_one_line(), 1) });

#[timed]
fn unsafe_within(bytes: &[u8]) -> &str {
    work();
    // SAFETY: callers of this give ASCII.
    unsafe { std::str::from_utf8_unchecked(bytes) }
}
shape!(sync unsafe_within => Ok, { assert_eq!(unsafe_within(b"a"), "a") });

#[timed]
fn statement_attributes(number: u8) -> u8 {
    work();
    #[cfg(any())]
    let number = no_such_name;
    #[allow(unused_variables)]
    let unused = 1;
    #[cfg(test)]
    {
        number
    }
}
shape!(sync statement_attributes => Ok, { assert_eq!(statement_attributes(1), 1) });

#[timed]
fn shadowed_parameter(number: &str) -> u8 {
    work();
    let number = number.trim();
    let number: u8 = number.parse().unwrap();
    number
}
shape!(sync shadowed_parameter => Ok, { assert_eq!(shadowed_parameter(" 7"), 7) });

#[timed]
fn temporaries_in_the_tail(numbers: &Mutex<Vec<u8>>) -> usize {
    work();
    numbers.lock().unwrap().iter().filter(|number| **number > 1).count()
}
shape!(sync temporaries_in_the_tail => Ok, {
    let numbers = Mutex::new(vec![1, 2]);
    assert_eq!(temporaries_in_the_tail(&numbers), 1);
    assert!(numbers.try_lock().is_ok());
});

#[timed]
fn borrow_of_a_local_in_the_tail(text: &RefCell<String>) -> Option<char> {
    work();
    let local = text;
    local.borrow().chars().next()
}
shape!(sync borrow_of_a_local_in_the_tail => Ok, {
    assert_eq!(borrow_of_a_local_in_the_tail(&RefCell::new("ab".into())), Some('a'));
});

#[timed]
fn coerced_tail(numbers: &[u8; 2]) -> &[u8] {
    work();
    numbers
}
shape!(sync coerced_tail => Ok, { assert_eq!(coerced_tail(&[1, 2]).len(), 2) });

#[timed]
fn coerced_to_a_trait_object(fine: bool) -> Box<dyn std::fmt::Display> {
    work();
    if fine {
        return Box::new(1);
    }
    Box::new("a")
}
shape!(sync coerced_to_a_trait_object => Ok, { assert_eq!(coerced_to_a_trait_object(false).to_string(), "a") });

#[timed]
fn coerced_to_a_function_pointer(twice: bool) -> fn(u8) -> u8 {
    work();
    if twice { |number| number * 2 } else { |number| number }
}
shape!(sync coerced_to_a_function_pointer => Ok, { assert_eq!(coerced_to_a_function_pointer(true)(2), 4) });

#[timed]
fn inferred_from_the_return_type() -> Vec<u16> {
    work();
    let mut numbers = Vec::new();
    numbers.extend("12".bytes().map(u16::from));
    numbers
}
shape!(sync inferred_from_the_return_type => Ok, { assert_eq!(inferred_from_the_return_type(), [49, 50]) });

#[timed]
fn inferred_from_the_return_type_of_an_early_return(
    early: bool,
) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    work();
    if early {
        return Ok(Default::default());
    }
    Ok("1 2".split(' ').map(str::parse).collect::<Result<_, _>>()?)
}
shape!(sync inferred_from_the_return_type_of_an_early_return => 2 x Ok, {
    let numbers = [true, false].map(|early| inferred_from_the_return_type_of_an_early_return(early).unwrap());
    assert_eq!(numbers, [vec![], vec![1, 2]]);
});
