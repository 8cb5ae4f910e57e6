//! What is an error, and what only looks like one.
#![allow(clippy::needless_lifetimes, reason = "the long way to write a signature is a shape as well")]

use std::convert::Infallible;
use std::error::Error;
use std::io;
use std::ops::ControlFlow;
use std::task::Poll;

use tachograph::{Outcome, timed};

use super::driver::work;

/// A `Result` with defaults, as many crates have one.
type Answer<T = (), E = Failed> = std::result::Result<T, E>;

#[derive(Debug, PartialEq)]
struct Failed;

#[timed]
fn plain_result(fine: bool) -> Result<u8, Failed> {
    work();
    if fine { Ok(1) } else { Err(Failed) }
}
shape!(sync plain_result => Error, { assert_eq!(plain_result(false), Err(Failed)) });
shape!(sync plain_result_that_is_fine as "another_plain_result" => Ok, {
    #[timed]
    fn another_plain_result() -> Result<u8, Failed> {
        work();
        Ok(1)
    }
    assert_eq!(another_plain_result(), Ok(1));
});

#[timed]
fn io_result() -> io::Result<u8> {
    work();
    Err(io::ErrorKind::NotFound.into())
}
shape!(sync io_result => Error, { assert_eq!(io_result().unwrap_err().kind(), io::ErrorKind::NotFound) });

#[timed]
fn fmt_result() -> std::fmt::Result {
    work();
    Err(std::fmt::Error)
}
shape!(sync fmt_result => Error, { assert!(fmt_result().is_err()) });

#[timed]
fn alias_with_defaults() -> Answer {
    work();
    Err(Failed)
}
shape!(sync alias_with_defaults => Error, { assert_eq!(alias_with_defaults(), Err(Failed)) });

#[timed]
fn alias_with_arguments(text: &str) -> Answer<u8, std::num::ParseIntError> {
    work();
    text.parse()
}
shape!(sync alias_with_arguments => Error, { assert!(alias_with_arguments("x").is_err()) });

/// An error that takes every other, as `anyhow` has one.
mod anyway {
    pub(super) struct Error(pub(super) String);
    pub(super) type Result<T, E = Error> = core::result::Result<T, E>;
    impl<E: std::error::Error> From<E> for Error {
        fn from(error: E) -> Self {
            Self(error.to_string())
        }
    }
}

#[timed]
fn error_that_takes_every_other(text: &str) -> anyway::Result<u8> {
    work();
    let number: u8 = text.parse()?;
    Ok(number)
}
shape!(sync error_that_takes_every_other => Error, {
    assert_eq!(error_that_takes_every_other("x").map_err(|error| error.0), Err("invalid digit found in string".into()));
});

#[timed]
fn alias_that_hides_all() -> Hidden {
    work();
    Err(Failed)
}
type Hidden = Answer<Vec<u8>>;
shape!(sync alias_that_hides_all => Error, { assert_eq!(alias_that_hides_all(), Err(Failed)) });

#[timed]
fn boxed_error(text: &str) -> Result<u8, Box<dyn Error + Send + Sync>> {
    work();
    if text.is_empty() {
        return Err("empty".into());
    }
    Ok(text.parse()?)
}
shape!(sync boxed_error => 2 x Error, {
    assert_eq!(boxed_error("").unwrap_err().to_string(), "empty");
    assert!(boxed_error("x").is_err());
});

trait Handler {
    type Response;
    fn result_as_an_associated_type(&self) -> Self::Response;
}

impl Handler for Failed {
    type Response = Result<(), Self>;

    #[timed]
    fn result_as_an_associated_type(&self) -> Self::Response {
        work();
        Err(Self)
    }
}
shape!(sync result_as_an_associated_type => Error, { assert_eq!(Failed.result_as_an_associated_type(), Err(Failed)) });

#[timed]
fn result_within_a_result(value: u8) -> Result<Result<u8, u8>, Failed> {
    work();
    Ok(Err(value))
}
shape!(sync result_within_a_result => Ok, { assert_eq!(result_within_a_result(1), Ok(Err(1))) });

#[timed]
fn option_of_result() -> Option<Result<u8, Failed>> {
    work();
    Some(Err(Failed))
}
shape!(sync option_of_result => Ok, { assert_eq!(option_of_result(), Some(Err(Failed))) });

#[timed]
fn result_that_cannot_fail() -> Result<u8, Infallible> {
    work();
    Ok(1)
}
shape!(sync result_that_cannot_fail => Ok, {
    let Ok(number) = result_that_cannot_fail();
    assert_eq!(number, 1);
});

#[timed]
fn result_that_cannot_succeed() -> Result<Infallible, Failed> {
    work();
    Err(Failed)
}
shape!(sync result_that_cannot_succeed => Error, {
    let Err(error) = result_that_cannot_succeed();
    assert_eq!(error, Failed);
});

#[timed]
fn no_answer(number: u8) -> Option<u8> {
    work();
    number.checked_sub(1)
}
shape!(sync no_answer => Ok, { assert_eq!(no_answer(0), None) });

#[timed]
fn pending() -> Poll<u8> {
    work();
    Poll::Pending
}
shape!(sync pending => Ok, { assert!(pending().is_pending()) });

#[timed]
fn ready_with_an_error() -> Poll<Result<u8, Failed>> {
    work();
    Poll::Ready(Err(Failed))
}
shape!(sync ready_with_an_error => Ok, { assert_eq!(ready_with_an_error(), Poll::Ready(Err(Failed))) });

#[timed]
fn broken_off(numbers: &[u8]) -> ControlFlow<u8> {
    work();
    for number in numbers {
        if *number > 2 {
            return ControlFlow::Break(*number);
        }
    }
    ControlFlow::Continue(())
}
shape!(sync broken_off => Ok, { assert_eq!(broken_off(&[1, 3]), ControlFlow::Break(3)) });

#[timed]
fn broken_off_by_a_question_mark(numbers: &[u8]) -> ControlFlow<u8, usize> {
    work();
    for number in numbers {
        if *number > 2 {
            ControlFlow::Break(*number)?;
        }
    }
    ControlFlow::Continue(numbers.len())
}
shape!(sync broken_off_by_a_question_mark => Ok, {
    assert_eq!(broken_off_by_a_question_mark(&[1, 3]), ControlFlow::Break(3));
});

#[timed]
fn type_parameter<T>(value: T) -> T {
    work();
    value
}
shape!(sync type_parameter => Ok, { assert_eq!(type_parameter(Err::<u8, _>(Failed)), Err(Failed)) });

#[timed]
fn generic_error<E: From<io::Error>>() -> Result<(), E> {
    work();
    Err(io::Error::from(io::ErrorKind::Other))?;
    Ok(())
}
shape!(sync generic_error => Error, { assert!(generic_error::<Box<dyn Error>>().is_err()) });

#[timed]
fn borrowed_error<'a>(text: &'a str) -> Result<&'a str, &'a str> {
    work();
    text.strip_prefix("ok ").ok_or(text)
}
shape!(sync borrowed_error => Error, { assert_eq!(borrowed_error("a"), Err("a")) });

#[timed]
fn mutably_borrowing_result(numbers: &mut [u8]) -> Result<&mut u8, usize> {
    work();
    let length = numbers.len();
    numbers.get_mut(3).ok_or(length)
}
shape!(sync mutably_borrowing_result => Error, { assert_eq!(mutably_borrowing_result(&mut [1]), Err(1)) });

/// A status that says more than `Result` could.
#[derive(Debug, PartialEq)]
struct Status(u16);

impl Status {
    const fn outcome(&self) -> Outcome {
        if self.0 < 500 { Outcome::Ok } else { Outcome::Error }
    }
}

#[timed(classify = Status::outcome)]
fn classified(status: u16) -> Status {
    work();
    Status(status)
}
shape!(sync classified => Error, { assert_eq!(classified(503), Status(503)) });

#[timed(classify = not_found_is_fine)]
fn classified_result() -> io::Result<u8> {
    work();
    Err(io::ErrorKind::NotFound.into())
}
fn not_found_is_fine(result: &io::Result<u8>) -> Outcome {
    match result {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Outcome::Error,
        _ => Outcome::Ok,
    }
}
shape!(sync classified_result => Ok, { assert!(classified_result().is_err()) });
