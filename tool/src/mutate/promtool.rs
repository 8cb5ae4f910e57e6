//! Prometheus' own tool, which says whether tests hold.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::fault::Fault;

/// Where it is.
#[derive(Debug)]
pub(crate) struct Promtool(pub(crate) PathBuf);

/// What it says of tests.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Holds,
    /// With what it printed.
    Fails(String),
}

impl Promtool {
    /// Runs tests.
    pub(crate) fn test(&self, tests: &Path) -> Result<Verdict, Fault> {
        let mut command = Command::new(&self.0);
        command.args(["test", "rules"]).arg(tests).stdin(Stdio::null());
        let output = command.output().map_err(|error| {
            Fault::new(format!(
                "cannot run {}: {error}; name promtool, which comes with Prometheus, with --promtool",
                self.0.display()
            ))
        })?;
        if output.status.success() {
            return Ok(Verdict::Holds);
        }
        let said =
            [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
        Ok(Verdict::Fails(said))
    }
}
