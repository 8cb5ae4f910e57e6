//! Tests of the whole, in one binary.

mod cargo;
mod stack;
