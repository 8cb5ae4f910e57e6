//! A call whose body has returned, and whose outcome is still to be told from its output.

use std::ops::{Deref, DerefMut};

use super::Call;
use crate::call_site::CallSite;
use crate::field::Fields;
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
pub struct Unjudged<T>(Option<(Call, T)>);

impl CallSite {
    /// Runs `body` as one call.
    #[inline]
    pub fn measure<T>(&'static self, body: impl FnOnce() -> T) -> Ended<T> {
        let call = self.start();
        let output = body();
        Ended(Unjudged(Some((call, output))))
    }
}

impl<T> Ended<T> {
    /// Ends the call as `judge` says.
    #[inline]
    pub fn judged(self, judge: impl FnOnce(&T) -> Outcome) -> T {
        self.0.end(judge)
    }
}

impl<T, E> Ended<Result<T, E>> {
    /// Ends the call; an `Err` is an error.
    #[inline]
    pub fn __output(self) -> Result<T, E> {
        self.0.end(|output| if output.is_ok() { Outcome::Ok } else { Outcome::Error })
    }
}

impl<T> Unjudged<T> {
    /// Ends the call: to have returned is all there is to ask.
    #[inline]
    pub fn __output(&mut self) -> T {
        Self(self.0.take()).end(|_| Outcome::Ok)
    }

    #[inline]
    fn end(self, judge: impl FnOnce(&T) -> Outcome) -> T {
        // Only `output` empties it, and generated code asks for the output once.
        let Some((call, output)) = self.0 else { unreachable!("the output is gone") };
        call.finish_as(|| judge(&output), &Fields::new());
        output
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
