//! Puts `#[tachograph::timed]` on every function of published crates and runs those crates' own tests.
//!
//! ```text
//! request ─► source ─► build ─► suite ───────────────────────────────────┐
//!              │         └► files compiled ─► insert ─► build ─► suite ──┴─► verdict ─► report
//! ```

mod request;
mod process;
mod source;
mod build;
mod suite;
mod insert;
mod manifest;
mod trial;
mod verdict;
mod report;

use std::process::ExitCode;

pub use self::insert::{Annotated, Function, LeftOut, Place, annotate};
use self::request::Request;
use self::verdict::Verdict;

/// Runs the tool with the arguments of a command line; fails where the attribute did.
pub fn run(arguments: Vec<String>) -> ExitCode {
    let request = match Request::read(&arguments) {
        Ok(request) => request,
        Err(message) => {
            eprintln!("{message}");
            return ExitCode::from(2);
        }
    };
    let mut verdicts = Vec::new();
    for wanted in &request.crates {
        let verdict = trial::run(wanted, &request);
        // A run of many crates is long; what is known of one is told at once.
        eprint!("{}", report::of_one(&verdict));
        verdicts.push(verdict);
    }
    print!("{}", report::table(&verdicts));
    if verdicts.iter().all(Verdict::is_good) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
