//! A program of 100 annotated functions with twelve bounds of their own, and nothing else on its page.

use recording::many::{self, Program};
use recording::work::{Answer, spin};

include!(concat!(env!("OUT_DIR"), "/timed_100.rs"));

fn main() -> Result<(), recording::Error> {
    many::main(&FUNCTIONS, Program::ours)
}
