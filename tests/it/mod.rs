//! What a user sees of the attributes and of `init`.

pub(crate) mod program;
mod attributes;
mod allocator;
mod shapes;
mod requests;
mod http;
mod workers;
mod files;
mod page;
mod refusals;
mod signals;
mod levels;
mod torture;
mod ends;
mod tidy;
