//! Tests of the whole, in one binary.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod cargo;
mod it;
mod ui;
mod stack;
