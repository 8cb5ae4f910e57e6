//! What a user sees of the attributes and of `init`.

mod program;
mod attributes;
mod requests;
mod files;
mod page;
mod refusals;
mod signals;
mod tidy;
