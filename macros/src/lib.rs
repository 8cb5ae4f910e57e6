//! The attributes of [tachograph](https://docs.rs/tachograph), which re-exports and documents them.
//!
//! ```text
//! tokens ─► args ─┐
//!                 ├─► plan ─► expand ─► tokens
//! tokens ─► item ─┘
//! ```

#[cfg(feature = "on")]
mod argument;
#[cfg(feature = "on")]
mod value;
#[cfg(feature = "on")]
mod args;
#[cfg(feature = "on")]
mod duration;
#[cfg(feature = "on")]
mod field;
#[cfg(feature = "on")]
mod slo;
#[cfg(feature = "on")]
mod item;
#[cfg(feature = "on")]
mod container;
#[cfg(feature = "on")]
mod shape;
#[cfg(feature = "on")]
mod plan;
#[cfg(feature = "on")]
mod expand;
#[cfg(feature = "on")]
mod diagnostic;
#[cfg(feature = "on")]
mod on;
#[cfg(not(feature = "on"))]
mod off;

#[cfg(not(feature = "on"))]
use off as selected;
#[cfg(feature = "on")]
use on as selected;
use proc_macro::TokenStream;

/// Measures a function; see `tachograph::timed`.
#[proc_macro_attribute]
pub fn timed(args: TokenStream, item: TokenStream) -> TokenStream {
    selected::timed(args, item)
}

/// Makes a function's body part of a request; see `tachograph::request_scoped`.
#[proc_macro_attribute]
pub fn request_scoped(args: TokenStream, item: TokenStream) -> TokenStream {
    selected::request_scoped(args, item)
}

/// Measures a block; see `tachograph::timed_block`.
#[proc_macro]
pub fn timed_block(input: TokenStream) -> TokenStream {
    selected::timed_block(input)
}

/// Adds fields to the performance record of the call around it; see `tachograph::record`.
#[proc_macro]
pub fn record(input: TokenStream) -> TokenStream {
    selected::record(input)
}
