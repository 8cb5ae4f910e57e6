//! What a user sees of the attributes and of `init`.

pub(crate) mod program;
pub(crate) mod telemetry;
mod attributes;
mod service_levels;
mod allocator;
mod shapes;
mod requests;
mod http;
mod workers;
mod cache;
mod sqlite;
mod files;
mod page;
mod refusals;
mod signals;
mod levels;
mod torture;
mod ends;
mod tidy;
