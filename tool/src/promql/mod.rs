//! Expressions: their words, and what they ask for.

pub(crate) mod token;
pub(crate) mod duration;
pub(crate) mod selector;
pub(crate) mod walk;
