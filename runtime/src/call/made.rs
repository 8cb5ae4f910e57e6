//! An output of which only its type tells what it is: a `Result` behind an alias, a future behind an alias of a boxed one, a
//! future of a type of its own, or anything else. To have made a future is not to have done it, so the making is not
//! counted as a call.
//!
//! Which of these it is, generated code asks behind the `return` that needs the answer, where it is compiled and never run.
//! There the borrow checker does not look: a type that is a future only if its parameters live long enough is told from
//! others also where nobody promises that they do.

use std::marker::PhantomData;
use std::ops::Deref;
use std::pin::Pin;

use super::Call;
use super::boxed::Given;
use crate::call_site::CallSite;
use crate::outcome::{Judge, Outcome};

/// A call with its output, of the kind `K`.
///
/// Method resolution finds the first `__kind` that the type of the output has, from here through `Deref`.
#[derive(Debug)]
#[must_use = "the output is the function's"]
pub struct Made<T, K> {
    call: Call,
    output: T,
    next: IsBoxedFallible<T>,
    kind: PhantomData<K>,
}

impl CallSite {
    /// Runs `body` as one call, or as none if it makes a future.
    #[inline]
    pub fn make<T, K>(&'static self, body: impl FnOnce() -> T) -> Made<T, K> {
        let call = self.start();
        let output = body();
        Made { call, output, next: IsBoxedFallible::NEW, kind: PhantomData }
    }
}

impl<T, K> Made<T, K> {
    /// Ends the call as its kind does.
    #[inline]
    pub fn output(self) -> T
    where
        K: Kind<T>,
    {
        K::end(self.call, self.output)
    }

    /// Says which kind it is.
    pub fn __is(self, _kind: K) -> ! {
        unreachable!("generated code says it where it is never run")
    }
}

impl<T, E, K> Made<Result<T, E>, K> {
    /// The kind.
    pub const fn __kind(&self) -> Fallible {
        Fallible
    }
}

/// How a call ends with an output of this kind.
pub trait Kind<T> {
    #[doc(hidden)]
    fn end(call: Call, output: T) -> T;
}

/// A `Result`.
#[derive(Debug)]
pub struct Fallible;
/// A boxed future of a `Result`: it is measured.
#[derive(Debug)]
pub struct BoxedFallible;
/// Another boxed future: it is measured.
#[derive(Debug)]
pub struct Boxed;
/// A future of a type of its own: nothing can be put around it.
#[derive(Debug)]
pub struct OfItsOwn;
/// Anything else.
#[derive(Debug)]
pub struct Else;

impl<T, E> Kind<Result<T, E>> for Fallible {
    #[inline]
    fn end(call: Call, output: Result<T, E>) -> Result<T, E> {
        call.finish(judge(Some(&output)));
        output
    }
}

impl<T> Kind<T> for OfItsOwn {
    #[inline]
    fn end(call: Call, output: T) -> T {
        call.forget();
        output
    }
}

impl<T> Kind<T> for Else {
    #[inline]
    fn end(call: Call, output: T) -> T {
        call.finish(Outcome::Ok);
        output
    }
}

#[inline]
fn judge<T, E>(output: Option<&Result<T, E>>) -> Outcome {
    Judge(output).__outcome()
}

/// Whether it is a boxed future of a `Result`.
#[derive(Debug)]
pub struct IsBoxedFallible<T>(IsBoxed<T>);
/// Whether it is another boxed future.
#[derive(Debug)]
pub struct IsBoxed<T>(IsFuture<T>);
/// Whether it is a future of a type of its own.
#[derive(Debug)]
pub struct IsFuture<T>(IsElse, PhantomData<T>);
/// It is anything else.
#[derive(Debug)]
pub struct IsElse;

impl<T> IsBoxedFallible<T> {
    const NEW: Self = Self(IsBoxed(IsFuture(IsElse, PhantomData)));
}

macro_rules! boxed {
    ($($marker:ident)*) => {
        impl<'f, T, E> IsBoxedFallible<Pin<Box<dyn Future<Output = Result<T, E>> $(+ $marker)* + 'f>>> {
            /// The kind.
            pub const fn __kind(&self) -> BoxedFallible {
                BoxedFallible
            }
        }

        impl<'f, T, E> Kind<Pin<Box<dyn Future<Output = Result<T, E>> $(+ $marker)* + 'f>>> for BoxedFallible {
            fn end(
                call: Call,
                output: Pin<Box<dyn Future<Output = Result<T, E>> $(+ $marker)* + 'f>>,
            ) -> Pin<Box<dyn Future<Output = Result<T, E>> $(+ $marker)* + 'f>> {
                let site = call.forget();
                site.turn_async();
                Given::new(output).__timed(move |output| (site, judge(output)))
            }
        }

        impl<'f, T> IsBoxed<Pin<Box<dyn Future<Output = T> $(+ $marker)* + 'f>>> {
            /// The kind.
            pub const fn __kind(&self) -> Boxed {
                Boxed
            }
        }

        impl<'f, T> Kind<Pin<Box<dyn Future<Output = T> $(+ $marker)* + 'f>>> for Boxed {
            fn end(
                call: Call,
                output: Pin<Box<dyn Future<Output = T> $(+ $marker)* + 'f>>,
            ) -> Pin<Box<dyn Future<Output = T> $(+ $marker)* + 'f>> {
                let site = call.forget();
                site.turn_async();
                Given::new(output).__timed(move |_: Option<&T>| (site, Outcome::Ok))
            }
        }
    };
}

boxed!();
boxed!(Send);
boxed!(Send Sync);

impl<T: Future> IsFuture<T> {
    /// The kind.
    #[deprecated(
        note = "calls of this function are not measured, because it returns a future of a type of its own: return \
                `impl Future`, make it an `async fn`, or annotate what the future awaits"
    )]
    pub const fn __kind(&self) -> OfItsOwn {
        OfItsOwn
    }
}

impl IsElse {
    /// The kind.
    pub const fn __kind(&self) -> Else {
        Else
    }
}

impl<T, K> Deref for Made<T, K> {
    type Target = IsBoxedFallible<T>;

    fn deref(&self) -> &Self::Target {
        &self.next
    }
}

macro_rules! goes_on {
    ($($from:ident<T> => $to:ty),*) => {$(
        impl<T> Deref for $from<T> {
            type Target = $to;

            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }
    )*};
}

goes_on!(IsBoxedFallible<T> => IsBoxed<T>, IsBoxed<T> => IsFuture<T>, IsFuture<T> => IsElse);

/// Stands in a function whose calls are not measured, as its return type shows.
#[deprecated(
    note = "calls of this function are not measured, because it returns a future within another type: annotate the \
            function that makes it, or return `impl Future`"
)]
pub const fn future_within_another_type() {}

/// The same.
#[deprecated(
    note = "calls of this function are not measured, because it returns a future that is not pinned: return \
            `impl Future` or `Pin<Box<dyn Future>>`"
)]
pub const fn unpinned_future() {}
