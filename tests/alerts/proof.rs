//! The tool finds nothing wrong with the pack.

use std::process::{Command, Output};

use tachograph_servers::cargo;
use tachograph_servers::target::repository;

/// Runs the tool on the repository.
pub(crate) fn tachograph(arguments: &[&str]) -> Output {
    let mut command = Command::new(cargo::build("tachograph-tool", "--bin", "tachograph"));
    command.args(arguments).current_dir(repository());
    command.output().unwrap_or_else(|error| panic!("cannot run {command:?}: {error}"))
}

#[test]
fn every_name_is_emitted_and_no_rule_has_a_mistake_that_rules_are_known_for() {
    let output = tachograph(&["check"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
