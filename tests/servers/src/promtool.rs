//! Prometheus' own tool.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use crate::generation::Generation;
use crate::tool;

/// A command of promtool.
pub fn promtool(arguments: &[&str]) -> Command {
    let mut command = Command::new(tool::PROMTOOL.path());
    command.args(arguments);
    command
}

/// A command of the promtool of a generation of Debian.
pub fn promtool_of(generation: Generation, arguments: &[&str]) -> Command {
    let mut command = Command::new(tool::PROMTOOL.of(generation));
    command.args(arguments);
    command
}

/// Runs a command with an input.
///
/// # Panics
///
/// Where promtool finds something wrong, with what it says.
pub fn check(command: &mut Command, input: &str) {
    let Output { status, stdout, stderr } = run(command, input);
    let [stdout, stderr] = [stdout, stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    assert!(status.success(), "{command:?}\n{stdout}\n{stderr}");
}

/// Runs a command with an input, and gives what comes out.
///
/// # Panics
///
/// Where it cannot be run.
pub fn run(command: &mut Command, input: &str) -> Output {
    let streams = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = streams.spawn().unwrap_or_else(|error| panic!("cannot run {command:?}: {error}"));
    let mut stdin = child.stdin.take().expect("stdin is a pipe");
    // promtool reads to the end before it says anything, so writing first cannot block both.
    stdin.write_all(input.as_bytes()).expect("promtool reads its input");
    drop(stdin);
    child.wait_with_output().expect("promtool ends")
}
