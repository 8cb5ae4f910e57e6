//! The package's tests, run.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::build::{Executable, Settings};
use crate::process::{self, Finished};
use crate::source;

const LIMIT: Duration = Duration::from_secs(600);

/// Whether each test passed. A binary without the usual harness is one test.
pub(crate) type Results = BTreeMap<String, bool>;

/// A package whose tests are run.
pub(crate) struct Suite<'a> {
    pub(crate) folder: &'a Path,
    pub(crate) settings: &'a Settings,
    pub(crate) name: &'a str,
    pub(crate) version: &'a str,
}

impl Suite<'_> {
    pub(crate) fn run(&self, executables: &[Executable]) -> Result<Results, String> {
        let mut results = Results::new();
        for executable in executables {
            let finished = process::run(&mut self.command(executable), LIMIT)?;
            results.extend(read(&executable.target, &finished));
        }
        Ok(results)
    }

    /// Runs one test alone; gives what it said where it did not pass.
    pub(crate) fn run_one(&self, executables: &[Executable], test: &str) -> Result<(), String> {
        let (target, name) = test.split_once(": ").unwrap_or((test, ""));
        let executable = executables.iter().find(|executable| executable.target == target);
        let executable = executable.ok_or_else(|| format!("{target} was not built"))?;
        let mut command = self.command(executable);
        if !name.is_empty() {
            command.args(["--exact", name]);
        }
        let finished = process::run(&mut command, LIMIT)?;
        let passed = read(target, &finished).get(test).copied().unwrap_or(false);
        let said = || format!("{}\n{}{}", finished.ending(), finished.stdout, finished.stderr);
        if passed { Ok(()) } else { Err(said()) }
    }

    fn command(&self, executable: &Executable) -> Command {
        let mut command = source::cargo(self.folder);
        let mut test = Command::new(&executable.path);
        test.current_dir(self.folder);
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => test.env(name, value),
                None => test.env_remove(name),
            };
        }
        command = test;
        self.settings.apply(&mut command);
        command
            .env("CARGO_MANIFEST_DIR", self.folder)
            .env("CARGO_PKG_NAME", self.name)
            .env("CARGO_PKG_VERSION", self.version);
        command
    }
}

/// Reads what the usual harness prints.
fn read(target: &str, finished: &Finished) -> Results {
    let mut results = Results::new();
    for line in finished.stdout.lines() {
        let Some((name, result)) = line.strip_prefix("test ").and_then(|test| test.rsplit_once(" ... "))
        else {
            continue;
        };
        let name = name.strip_suffix(" - should panic").unwrap_or(name);
        match result.split_whitespace().next() {
            Some("ok") => results.insert(format!("{target}: {name}"), true),
            Some("FAILED") => results.insert(format!("{target}: {name}"), false),
            _ => None,
        };
    }
    let has_harness = finished.stdout.lines().any(|line| line.starts_with("running "));
    if !has_harness {
        results.insert(target.to_owned(), finished.success());
    }
    results
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finished(stdout: &str) -> Finished {
        Finished { status: None, stdout: stdout.to_owned(), stderr: String::new() }
    }

    #[test]
    fn results_are_read_by_name() {
        let stdout = "running 4 tests\ntest a::b ... ok\ntest c - should panic ... ok\ntest d ... FAILED\n\
                      test e ... ignored, slow\n";
        let expected = [("t: a::b", true), ("t: c", true), ("t: d", false)];
        let expected: Results = expected.map(|(name, passed)| (name.to_owned(), passed)).into();
        assert_eq!(read("t", &finished(stdout)), expected);
    }

    #[test]
    fn a_binary_with_a_harness_of_its_own_is_one_test() {
        assert_eq!(read("t", &finished("all fine")), Results::from([("t".to_owned(), false)]));
    }
}
