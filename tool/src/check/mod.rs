//! `tachograph check`: every name in the pack is one that somebody emits, and no rule has a mistake that rules are known for.
//!
//! Prometheus loads a rule that asks for nothing, and promtool passes a test of an alert that is not there. So the names are
//! held against those of the runtime and of the exporters, and each rule against the list of what goes wrong.

mod exporters;
mod vocabulary;
mod shape;
mod finding;
mod proof;
mod mistakes;
mod alert;
mod rules;
mod rule_tests;
mod runbooks;
mod dashboards;

use std::path::PathBuf;

use clap::Args;

use crate::check::vocabulary::Vocabulary;
use crate::fault::{Fault, Faults};
use crate::pack::{RuleFile, TestFile};

/// Proves that what rules, tests, runbooks and dashboards ask for exists, and finds the usual mistakes.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The folder with `rules`, `tests`, `runbooks`, `dashboards` and `exporters`.
    #[arg(long, default_value = "alerts")]
    alerts: PathBuf,
    /// Check these files of rules alone, which may use what those of the folder record.
    files: Vec<PathBuf>,
}

/// Checks everything, and says all that is wrong at once.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Faults> {
    let mut faults = if arguments.files.is_empty() { of_pack(arguments) } else { of_files(arguments) }
        .unwrap_or_else(|faults| faults);
    faults.sort();
    faults.dedup();
    if faults.is_empty() { Ok(()) } else { Err(Faults(faults)) }
}

fn of_pack(arguments: &Arguments) -> Result<Vec<Fault>, Vec<Fault>> {
    let alerts = &arguments.alerts;
    let files = RuleFile::all(alerts)?;
    let tests = TestFile::all(alerts)?;
    let vocabulary = Vocabulary::new(alerts, &files)?;
    let mut faults: Vec<Fault> = files.iter().flat_map(|file| rules::faults(file, &vocabulary)).collect();
    faults.extend(rules::of_all(&files));
    faults.extend(rule_tests::faults(&tests, &files, &vocabulary));
    faults.extend(runbooks::faults(alerts, &files, &vocabulary));
    faults.extend(dashboards::faults(alerts, &vocabulary));
    Ok(faults)
}

fn of_files(arguments: &Arguments) -> Result<Vec<Fault>, Vec<Fault>> {
    let read = |path: &PathBuf| RuleFile::read(path).map_err(|fault| vec![fault]);
    let files = arguments.files.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let pack =
        if arguments.alerts.join("rules").is_dir() { RuleFile::all(&arguments.alerts)? } else { Vec::new() };
    let is_given = |file: &&RuleFile| {
        files.iter().any(|given| given.path.canonicalize().ok() == file.path.canonicalize().ok())
    };
    let others = pack.iter().filter(|file| !is_given(file));
    let vocabulary = Vocabulary::new(&arguments.alerts, files.iter().chain(others))?;
    Ok(files.iter().flat_map(|file| rules::faults(file, &vocabulary)).collect())
}
