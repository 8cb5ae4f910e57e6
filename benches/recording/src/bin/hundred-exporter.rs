//! The first 100 functions of 1,000 with cached handles of `metrics-exporter-prometheus`.

use std::sync::LazyLock;
use std::time::Instant;

use recording::exporter::Handles;
use recording::many::{self, Program};
use recording::work::{Answer, spin};

include!(concat!(env!("OUT_DIR"), "/exporter_1000.rs"));

fn main() -> Result<(), recording::Error> {
    many::main(&FUNCTIONS[..100], Program::exporter)
}
