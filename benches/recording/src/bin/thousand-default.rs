//! A program of 1,000 annotated functions with the default bounds.

use recording::many::{self, Program};
use recording::work::{Answer, spin};

include!(concat!(env!("OUT_DIR"), "/timed_1000_default.rs"));

fn main() -> Result<(), recording::Error> {
    many::main(&FUNCTIONS, Program::ours)
}
