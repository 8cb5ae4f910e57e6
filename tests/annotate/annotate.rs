//! `cargo run -p tachograph-annotate --example annotate -- semver@1.0.28 …`; see README.md.

use std::process::ExitCode;

fn main() -> ExitCode {
    tachograph_annotate::run(std::env::args().skip(1).collect())
}
