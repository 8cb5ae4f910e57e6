//! Tests of the whole, in one binary.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod expansion;
mod footprint;
mod generated;
mod hygiene;
mod it;
mod lints;
mod ui;
mod sizes;
mod stack;
