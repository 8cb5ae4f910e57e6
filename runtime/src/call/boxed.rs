//! A boxed future or stream that a function gives: what measures it has to be of the very type that it has itself.

use std::mem;
use std::ops::{Deref, DerefMut};
use std::pin::Pin;

#[cfg(feature = "on")]
use futures_core::Stream;

use super::future::{timed, timed_recording};
#[cfg(feature = "on")]
use super::stream::{timed_stream, timed_stream_recording};
use crate::call_site::CallSite;
use crate::outcome::Outcome;

/// What a function gives, to be measured in a box of the same type.
///
/// Method resolution finds the methods below for the usual boxes; for others it goes on through `Deref`.
#[derive(Debug)]
pub struct Given<F>(Unusual<F>);

/// A box with other markers.
#[derive(Debug)]
pub struct Unusual<F>(OfItsOwn<F>);

/// No box at all, though its name is that of an alias of one: it stays as it is.
#[derive(Debug)]
pub struct OfItsOwn<F>(Option<F>);

impl<F> Given<F> {
    /// Takes what was given.
    #[inline]
    pub const fn new(given: F) -> Self {
        Self(Unusual(OfItsOwn(Some(given))))
    }
}

impl<F> OfItsOwn<F> {
    fn take(&mut self) -> F {
        // Generated code asks once.
        self.0.take().expect("it is measured once")
    }
}

macro_rules! boxed {
    ($kind:ident<$item:ident> $measure:ident $method:ident $($marker:ident)*) => {
        impl<'f, T> Given<Pin<Box<dyn $kind<$item = T> $(+ $marker)* + 'f>>> {
            /// Measures it.
            pub fn $method<J>(mut self, judge: J) -> Pin<Box<dyn $kind<$item = T> $(+ $marker)* + 'f>>
            where
                J: Fn(Option<&T>) -> (&'static CallSite, Outcome) $(+ $marker)* + 'static,
            {
                let measured: Pin<Box<dyn $kind<$item = T> $(+ $marker)* + '_>> =
                    Box::pin($measure(self.take(), judge));
                // SAFETY: only the lifetime is another. What is in the box may live for `'f`: so does what was given,
                // as its type says, and what was put around it borrows nothing. That `T` itself lives as long, which
                // rustc would ask for, nobody had to promise for the type that was given either.
                unsafe {
                    mem::transmute::<
                        Pin<Box<dyn $kind<$item = T> $(+ $marker)* + '_>>,
                        Pin<Box<dyn $kind<$item = T> $(+ $marker)* + 'f>>,
                    >(measured)
                }
            }
        }
    };
}

macro_rules! measured {
    ($($kind:ident<$item:ident> $measure:ident $method:ident)*) => {$(
        boxed!($kind<$item> $measure $method);
        boxed!($kind<$item> $measure $method Send);
        boxed!($kind<$item> $measure $method Send Sync);

        impl<F: $kind + ?Sized> Unusual<Pin<Box<F>>> {
            /// Measures it.
            pub fn $method<J>(&mut self, judge: J) -> Pin<Box<impl $kind<$item = F::$item> + use<F, J>>>
            where
                J: Fn(Option<&F::$item>) -> (&'static CallSite, Outcome),
            {
                Box::pin($measure(self.take(), judge))
            }
        }

        impl<F: $kind> OfItsOwn<F> {
            /// Gives it as it is.
            #[deprecated(
                note = "calls of this function are not measured, because it returns a future or stream of a type of its \
                        own: return `impl Future` or `impl Stream`, or annotate what it awaits"
            )]
            pub fn $method<J>(&mut self, _judge: J) -> F
            where
                J: Fn(Option<&F::$item>) -> (&'static CallSite, Outcome),
            {
                self.take()
            }
        }
    )*};
}

measured!(Future<Output> timed __timed Future<Output> timed_recording __timed_recording);
#[cfg(feature = "on")]
measured!(Stream<Item> timed_stream __timed_stream Stream<Item> timed_stream_recording __timed_stream_recording);

macro_rules! goes_on {
    ($($from:ident => $to:ident),*) => {$(
        impl<F> Deref for $from<F> {
            type Target = $to<F>;

            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }

        impl<F> DerefMut for $from<F> {
            fn deref_mut(&mut self) -> &mut Self::Target {
                &mut self.0
            }
        }
    )*};
}

goes_on!(Given => Unusual, Unusual => OfItsOwn);
