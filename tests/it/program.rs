//! Runs `tests/programs/scenario.rs`, each time with a log directory of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use serde_json::Value;
use tempfile::TempDir;

/// A run that has ended.
pub(crate) struct Run {
    pub(crate) output: Output,
    directory: TempDir,
}

/// Runs the scenario with these variables on top of quiet defaults.
pub(crate) fn run(scenario: &str, variables: &[(&str, &str)]) -> Run {
    let mut command = Command::new(program());
    command.arg(scenario);
    run_command(command, variables)
}

/// Runs another program than the scenario.
pub(crate) fn run_program(name: &str, variables: &[(&str, &str)]) -> Run {
    run_command(
        Command::new(tachograph_servers::cargo::build("tachograph-tests", "--example", name)),
        variables,
    )
}

/// Runs a line of shell whose `$0` is the program.
pub(crate) fn run_through_shell(script: &str, variables: &[(&str, &str)]) -> Run {
    let mut command = Command::new("/bin/sh");
    command.arg("-c").arg(script).arg(program());
    run_command(command, variables)
}

fn run_command(mut command: Command, variables: &[(&str, &str)]) -> Run {
    let directory = tempfile::tempdir().unwrap();
    let logs = directory.path().join("logs");
    let output = command
        .env_clear()
        .env("LOG_DIR", &logs)
        .env("LOG_CONSOLE", "off")
        .env("METRICS_ADDR", "127.0.0.1:0")
        .env("BUILDER_LOG_DIR", &logs)
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    Run { output, directory }
}

impl Run {
    pub(crate) fn succeeds(self) -> Self {
        assert!(self.output.status.success(), "{}\n{}", self.output.status, self.stderr());
        self
    }

    pub(crate) fn stdout(&self) -> String {
        String::from_utf8(self.output.stdout.clone()).unwrap()
    }

    pub(crate) fn stderr(&self) -> String {
        String::from_utf8(self.output.stderr.clone()).unwrap()
    }

    pub(crate) fn log_dir(&self) -> PathBuf {
        self.directory.path().join("logs")
    }

    /// The lines of `<service><suffix>`, as they stand in the file.
    pub(crate) fn lines(&self, suffix: &str) -> Vec<String> {
        let text = std::fs::read_to_string(self.log_dir().join(format!("scenario{suffix}"))).unwrap();
        assert!(text.is_empty() || text.ends_with('\n'), "a torn line ends {suffix}");
        text.lines().map(str::to_owned).collect()
    }

    pub(crate) fn records(&self, suffix: &str) -> Vec<Value> {
        self.lines(suffix).iter().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// The program, built once for all tests of this run.
pub(crate) fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| tachograph_servers::cargo::build("tachograph-tests", "--example", "scenario"))
}
