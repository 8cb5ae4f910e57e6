//! A call whose body has returned, and whose outcome is still to be told from its output.

use std::ops::{Deref, DerefMut};

use super::{Call, NO_FIELDS};
use crate::outcome::Outcome;

/// A call with an output whose type is called `Result`.
///
/// Method resolution finds [`Ended::__output`] for a `Result`; for another type of that name it goes on through `Deref` to
/// [`Unjudged::__output`]. That costs no trait import in the generated code and nothing at run time.
#[derive(Debug)]
#[must_use = "the output is the function's"]
pub struct Ended<T>(Unjudged<T>);

/// The same for a type that says nothing about failure.
#[derive(Debug)]
pub struct Unjudged<T> {
    call: Option<Call>,
    output: Option<T>,
}

impl Call {
    /// Runs `body` as this call. It is one function for each body: what does not depend on that is done elsewhere, and the call
    /// comes in from outside, since what could unwind before the body runs would have to drop that.
    #[inline]
    pub fn measure<T>(self, body: impl FnOnce() -> T) -> Ended<T> {
        let output = body();
        Ended(Unjudged { call: Some(self), output: Some(output) })
    }
}

impl<T> Ended<T> {
    /// Ends the call as `judge` says.
    #[inline]
    pub fn judged(self, judge: impl FnOnce(&T) -> Outcome) -> T {
        let (call, output) = self.0.parts();
        let ended = call.now();
        let outcome = judge(&output);
        call.end(ended, outcome, NO_FIELDS);
        output
    }
}

impl<T, E> Ended<Result<T, E>> {
    /// Ends the call; an `Err` is an error.
    #[inline]
    pub fn __output(self) -> Result<T, E> {
        let (call, output) = self.0.parts();
        call.finish(if output.is_ok() { Outcome::Ok } else { Outcome::Error });
        output
    }
}

impl<T> Unjudged<T> {
    /// Ends the call: to have returned is all there is to ask.
    #[inline]
    pub fn __output(&mut self) -> T {
        let (call, output) = Self { call: self.call.take(), output: self.output.take() }.parts();
        call.finish(Outcome::Ok);
        output
    }

    #[inline]
    fn parts(self) -> (Call, T) {
        // Only `__output` empties it, and generated code asks for the output once.
        match (self.call, self.output) {
            (Some(call), Some(output)) => (call, output),
            _ => unreachable!("the output is gone"),
        }
    }
}

impl<T> Deref for Ended<T> {
    type Target = Unjudged<T>;

    #[inline]
    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<T> DerefMut for Ended<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}
