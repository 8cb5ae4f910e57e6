//! How a call ended, and who decides it.

use core::marker::PhantomData;
use core::ops::Deref;

/// How a call ended. Every call of an annotated function counts in exactly one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Outcome {
    /// It returned, and what it returned is not an `Err`.
    Ok = 0,
    /// It returned an `Err`.
    Error = 1,
    /// It panicked.
    Panic = 2,
    /// It was left before its end: a future dropped while under way.
    Cancelled = 3,
}

impl Outcome {
    /// All outcomes, in the order of their discriminants.
    pub const ALL: [Self; 4] = [Self::Ok, Self::Error, Self::Panic, Self::Cancelled];

    /// The value of the label `outcome`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Error => "error",
            Self::Panic => "panic",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Decides between [`Outcome::Ok`] and [`Outcome::Error`] from the type of a value, whatever alias it was written with.
///
/// Method resolution finds the inherent method below for a `Result` and, for every other type, goes on through
/// `Deref` to `Unjudged`. The methods have a name that no trait of the user's has: a trait in scope for every type would
/// come before what is behind `Deref`. That costs no trait import in the generated code and nothing at run time.
///
/// Where there is no value, its type is asked all the same, and it is no error.
#[derive(Debug)]
pub struct Judge<'a, T>(pub Option<&'a T>);

impl<T, E> Judge<'_, Result<T, E>> {
    /// An `Err` is an error.
    #[inline]
    pub fn __outcome(&self) -> Outcome {
        if matches!(self.0, Some(Err(_))) { Outcome::Error } else { Outcome::Ok }
    }
}

impl<T> Deref for Judge<'_, T> {
    type Target = Unjudged;

    #[inline]
    fn deref(&self) -> &Unjudged {
        &Unjudged
    }
}

/// A value whose type says nothing about failure.
#[derive(Debug)]
pub struct Unjudged;

impl Unjudged {
    /// To have returned is all there is to ask.
    #[inline]
    pub const fn __outcome(&self) -> Outcome {
        Outcome::Ok
    }
}

/// The outcome of a body that `?` left, by the type that the body returns: an error of a `Result`, an answer of all else.
#[derive(Debug)]
pub struct Early<T>(EarlyOk, PhantomData<T>);

/// A type whose `?` is no error.
#[derive(Debug)]
pub struct EarlyOk;

impl<T> Early<T> {
    /// To ask.
    pub const NEW: Self = Self(EarlyOk, PhantomData);
}

impl<T, E> Early<Result<T, E>> {
    /// An error.
    pub const fn __early(&self) -> Outcome {
        Outcome::Error
    }
}

impl EarlyOk {
    /// An answer.
    pub const fn __early(&self) -> Outcome {
        Outcome::Ok
    }
}

impl<T> Deref for Early<T> {
    type Target = EarlyOk;

    fn deref(&self) -> &EarlyOk {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Aliased = std::io::Result<u8>;

    #[test]
    fn a_result_is_judged_through_an_alias() {
        let (fine, failed): (Aliased, Aliased) = (Ok(1), Err(std::io::ErrorKind::NotFound.into()));
        assert_eq!(Judge(Some(&fine)).__outcome(), Outcome::Ok);
        assert_eq!(Judge(Some(&failed)).__outcome(), Outcome::Error);
    }

    #[test]
    fn none_is_not_an_error() {
        assert_eq!(Judge(Some(&None::<u8>)).__outcome(), Outcome::Ok);
    }

    #[test]
    fn a_type_parameter_is_not_judged() {
        fn outcome_of<T>(value: &T) -> Outcome {
            Judge(Some(value)).__outcome()
        }
        assert_eq!(outcome_of(&Err::<(), ()>(())), Outcome::Ok);
    }
}
