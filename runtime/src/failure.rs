//! The text of an error of any type: as much as its type can tell.

use std::error::Error;
use std::fmt::{Debug, Display};
use std::ops::Deref;

/// What can fail, for the argument `err`.
#[diagnostic::on_unimplemented(
    message = "`err` logs an error, and `{Self}` has none",
    note = "return a `Result`, or remove `err`"
)]
pub trait Fallible {
    /// The type of the error.
    type Error;

    /// The error, if there is one.
    fn failure(&self) -> Option<&Self::Error>;
}

impl<T, E> Fallible for Result<T, E> {
    type Error = E;

    fn failure(&self) -> Option<&E> {
        self.as_ref().err()
    }
}

/// What an error says, and the errors behind it, outermost first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    pub(crate) message: String,
    pub(crate) causes: Vec<String>,
}

impl Description {
    fn of(error: &dyn Error) -> Self {
        let causes = std::iter::successors(error.source(), |&cause| cause.source());
        Self { message: error.to_string(), causes: causes.map(ToString::to_string).collect() }
    }

    fn plain(message: String) -> Self {
        Self { message, causes: Vec::new() }
    }
}

/// Describes an error through the first of these that its type has: `Error`, a `Deref` to an `Error` (`Box<dyn
/// Error>`, `anyhow::Error`), `Display`, `Debug`. Method resolution walks down the `Deref` chain of these types, so
/// the choice costs nothing at run time and no bound at compile time.
#[derive(Debug)]
pub struct ViaError<'a, E>(ViaDeref<'a, E>);
/// The second choice.
#[derive(Debug)]
pub struct ViaDeref<'a, E>(ViaDisplay<'a, E>);
/// The third choice.
#[derive(Debug)]
pub struct ViaDisplay<'a, E>(ViaDebug<'a, E>);
/// The fourth choice.
#[derive(Debug)]
pub struct ViaDebug<'a, E>(Opaque, &'a E);
/// An error that says nothing.
#[derive(Debug)]
pub struct Opaque;

impl<'a, E> ViaError<'a, E> {
    /// Wraps an error for `__describe`.
    pub const fn new(error: &'a E) -> Self {
        Self(ViaDeref(ViaDisplay(ViaDebug(Opaque, error))))
    }
}

impl<E: Error> ViaError<'_, E> {
    /// Message and causes.
    pub fn __describe(&self) -> Description {
        // A reference in between makes a `dyn Error` of it whatever lifetimes `E` has.
        Description::of(&self.0.0.0.1)
    }
}

impl<E: Deref<Target: Error>> ViaDeref<'_, E> {
    /// Message and causes.
    pub fn __describe(&self) -> Description {
        Description::of(&&**self.0.0.1)
    }
}

impl<E: Display> ViaDisplay<'_, E> {
    /// The message.
    pub fn __describe(&self) -> Description {
        Description::plain(self.0.1.to_string())
    }
}

impl<E: Debug> ViaDebug<'_, E> {
    /// The `Debug` form for a message.
    pub fn __describe(&self) -> Description {
        Description::plain(format!("{:?}", self.1))
    }
}

impl Opaque {
    /// That there was an error.
    pub fn __describe(&self) -> Description {
        Description::plain("an error that implements neither Display nor Debug".to_owned())
    }
}

macro_rules! falls_back {
    ($($from:ident => $to:ident),*) => {$(
        impl<'a, E> Deref for $from<'a, E> {
            type Target = $to<'a, E>;

            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }
    )*};
}

falls_back!(ViaError => ViaDeref, ViaDeref => ViaDisplay, ViaDisplay => ViaDebug);

impl<E> Deref for ViaDebug<'_, E> {
    type Target = Opaque;

    fn deref(&self) -> &Opaque {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

    fn with_cause() -> io::Error {
        io::Error::other("f".parse::<f32>().unwrap_err())
    }

    #[derive(Debug, PartialEq)]
    struct Unspeakable;
    struct Silent;

    #[test]
    fn an_error_tells_its_causes() {
        #[derive(Debug)]
        struct Outer(io::Error);
        impl Display for Outer {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("outer")
            }
        }
        impl Error for Outer {
            fn source(&self) -> Option<&(dyn Error + 'static)> {
                Some(&self.0)
            }
        }
        let described = ViaError::new(&Outer(io::Error::other("inner"))).__describe();
        assert_eq!(described, Description { message: "outer".into(), causes: vec!["inner".into()] });
    }

    #[test]
    fn a_boxed_error_is_seen_through() {
        let boxed: Box<dyn Error + Send + Sync> = with_cause().into();
        assert_eq!(ViaError::new(&boxed).__describe().message, "invalid float literal");
    }

    #[test]
    fn anything_else_says_what_it_can() {
        assert_eq!(ViaError::new(&"plain").__describe().message, "plain");
        assert_eq!(ViaError::new(&Unspeakable).__describe().message, "Unspeakable");
        assert!(ViaError::new(&Silent).__describe().message.contains("neither"));
    }

    #[test]
    fn a_type_parameter_says_what_its_bounds_allow() {
        fn describe<E: Display>(error: &E) -> Description {
            ViaError::new(error).__describe()
        }
        assert_eq!(describe(&with_cause()).message, "invalid float literal");
    }
}
