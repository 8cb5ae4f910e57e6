//! The one door through which generated code reaches the runtime. Nothing here is stable.

pub use core::convert::Infallible;
pub use core::option::Option::{self, Some};
pub use core::{concat, module_path};
pub use std::boxed::Box;

#[allow(deprecated, reason = "for generated code, which is to be warned of")]
pub use crate::call::{Given, future_within_another_type, record, timed, timed_recording, unpinned_future};
#[cfg(feature = "on")]
pub use crate::call::{timed_stream, timed_stream_recording};
pub use crate::call_site::{CALL_SITES, CallSite, SiteLayout, Slow};
pub use crate::context::Context;
pub use crate::failure::{Fallible, ViaError};
pub use crate::field::{ToValue, Value};
pub use crate::observer::Level;
pub use crate::outcome::{Early, Judge, Outcome};
pub use crate::slo::Slo;

#[doc(hidden)]
#[macro_export]
macro_rules! __failure {
    ($error:expr) => {
        $crate::__private::ViaError::new($error).__describe()
    };
}
pub use crate::__failure as failure;

#[doc(hidden)]
#[macro_export]
macro_rules! __site {
    ($kind:ident $before:literal $after:literal $line:literal $($settings:tt)*) => {
        #[used]
        #[cfg_attr(
            any(target_os = "linux", target_os = "android", target_os = "freebsd"),
            unsafe(link_section = "tachograph_0_1")
        )]
        static TACHOGRAPH: $crate::__private::CallSite = $crate::__private::CallSite::$kind(
            $crate::__private::concat!($before, $crate::__private::module_path!(), $after),
            $line
        ) $($settings)*;
    };
}
pub use crate::__site as site;

/// The value of a run-time label, of whatever type. Generated code gives a reference to it, so that its type may have
/// no size.
#[inline]
pub fn label<T: std::fmt::Display>(value: &T) -> &dyn std::fmt::Display {
    value
}

/// Calls a closure that is known to be called once, so that it may give away what it borrowed mutably.
#[inline]
pub fn once<T>(body: impl FnOnce() -> T) -> T {
    body()
}

/// Holds a closure while a borrow of it, as a `dyn Fn(…)`, tells rustc the types of its parameters.
#[derive(Debug)]
pub struct Held<T>(core::option::Option<T>);

impl<T> Held<T> {
    /// Nothing yet.
    pub const NEW: Self = Self(None);

    /// Takes the closure; what is returned can be a `dyn Fn(…)`, and so rustc expects one here.
    #[inline]
    pub fn __hold(&mut self, closure: T) -> &mut T {
        self.0.insert(closure)
    }

    /// Gives the closure back.
    #[inline]
    pub fn __released(self) -> T {
        self.0.expect("generated code asks for what it put here")
    }
}

/// Stands, never called, where an async block must learn the type of its output.
#[cold]
pub fn never<T>() -> T {
    unreachable!("generated code calls this behind `if false`")
}
