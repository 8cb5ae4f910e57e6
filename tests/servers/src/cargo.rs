//! Programs of this workspace, built by the cargo that runs these tests, into the same target directory.

use std::path::PathBuf;
use std::process::Command;

use crate::target::{repository, target};

/// Builds one target and gives the place of its executable. A `cargo test` of the whole workspace has most likely
/// built it already; a filtered one has not.
pub fn build(package: &str, kind: &str, name: &str) -> PathBuf {
    let mut command = Command::new(env!("CARGO"));
    command.args(["build", "--package", package, kind, name, "--message-format", "json-render-diagnostics"]);
    command.current_dir(repository()).env("CARGO_TARGET_DIR", target());
    if !cfg!(debug_assertions) {
        command.arg("--release");
    }
    let output = command.output().unwrap_or_else(|error| panic!("cannot run {command:?}: {error}"));
    assert!(output.status.success(), "{command:?}:\n{}", String::from_utf8_lossy(&output.stderr));
    let messages = String::from_utf8_lossy(&output.stdout);
    // Cargo knows best where it put the program.
    messages.lines().find_map(|message| executable(message, name)).expect("cargo names what it built")
}

fn executable(message: &str, name: &str) -> Option<PathBuf> {
    let message: serde_json::Value = serde_json::from_str(message).ok()?;
    let path = message["executable"].as_str().map(PathBuf::from);
    path.filter(|_| message["target"]["name"] == name)
}
