//! An output that is a future, though its function does not look as if it gave one: behind an alias of a boxed future, or
//! as a type of its own. To have made it is not to have done it, so the making is not counted as a call.

use std::ops::{Deref, DerefMut};
use std::pin::Pin;

use super::ended::Unjudged;
use super::future::timed;
use crate::call_site::CallSite;
use crate::outcome::Outcome;

/// Boxed futures of a `Result`: they are measured.
#[derive(Debug)]
pub struct BoxedFallible<T>(Boxed<T>);

/// Other boxed futures: they are measured.
#[derive(Debug)]
pub struct Boxed<T>(OfItsOwn<T>);

/// Futures of types of their own: nothing can be put around them.
#[derive(Debug)]
pub struct OfItsOwn<T>(Unjudged<T>);

impl<T> BoxedFallible<T> {
    #[inline]
    pub(super) const fn new(output: Unjudged<T>) -> Self {
        Self(Boxed(OfItsOwn(output)))
    }

    #[inline]
    pub(super) fn unjudged(self) -> Unjudged<T> {
        self.0.0.0
    }
}

macro_rules! boxed {
    ($($marker:ident)*) => {
        impl<'f, T: 'f, E: 'f> BoxedFallible<Pin<Box<dyn Future<Output = Result<T, E>> $(+ $marker)* + 'f>>> {
            /// Measures the future.
            pub fn __output(&mut self) -> Pin<Box<dyn Future<Output = Result<T, E>> $(+ $marker)* + 'f>> {
                let (site, future) = self.0.0.0.made();
                site.turn_async();
                let judge = |output: &Result<T, E>| if output.is_ok() { Outcome::Ok } else { Outcome::Error };
                Box::pin(timed(move || site, future, judge))
            }
        }

        impl<'f, T: 'f> Boxed<Pin<Box<dyn Future<Output = T> $(+ $marker)* + 'f>>> {
            /// Measures the future.
            pub fn __output(&mut self) -> Pin<Box<dyn Future<Output = T> $(+ $marker)* + 'f>> {
                let (site, future) = self.0.0.made();
                site.turn_async();
                Box::pin(timed(move || site, future, |_| Outcome::Ok))
            }
        }
    };
}

boxed!();
boxed!(Send);
boxed!(Send Sync);

impl<T: Future> OfItsOwn<T> {
    /// Gives the future as it is.
    #[deprecated(
        note = "calls of this function are not measured, because it returns a future of a type of its own: return \
                `impl Future`, make it an `async fn`, or annotate what the future awaits"
    )]
    pub fn __output(&mut self) -> T {
        self.0.made().1
    }
}

impl<T> Unjudged<T> {
    /// What was made; the making was no call.
    fn made(&mut self) -> (&'static CallSite, T) {
        let (call, output) = Self(self.0.take()).parts();
        (call.forget(), output)
    }
}

macro_rules! goes_on {
    ($($from:ident => $to:ident),*) => {$(
        impl<T> Deref for $from<T> {
            type Target = $to<T>;

            #[inline]
            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }

        impl<T> DerefMut for $from<T> {
            #[inline]
            fn deref_mut(&mut self) -> &mut Self::Target {
                &mut self.0
            }
        }
    )*};
}

goes_on!(BoxedFallible => Boxed, Boxed => OfItsOwn, OfItsOwn => Unjudged);
