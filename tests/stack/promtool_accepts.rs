//! Prometheus' own tool finds nothing wrong.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use crate::stack::mirror::Mirror;
use crate::stack::scrape_config::{rule_files, rule_test_files};
use crate::stack::scraped::Scraped;
use crate::stack::target::alerts;
use crate::stack::tool;

#[test]
fn the_rules() {
    check(promtool(&["check", "rules", "--lint=all", "--lint-fatal"]).args(rule_files()), "");
}

#[test]
fn the_tests_of_the_rules() {
    check(promtool(&["test", "rules"]).args(rule_test_files()), "");
}

#[test]
fn the_configuration() {
    check(promtool(&["check", "config"]).arg(alerts().join("prometheus.yml")), "");
}

#[test]
fn the_page_of_the_mirror() {
    check(&mut promtool(&["check", "metrics"]), &Mirror::start().page());
}

#[test]
fn a_page_with_whatever_names_labels_and_values() {
    let page = Scraped::start().page("*/*");
    assert!(page.contains("__overflow__"), "{page}");
    let output = run(&mut promtool(&["check", "metrics"]), &page);
    // It reads the page, and finds fault with the taste of its names alone.
    const TASTE: i32 = 3;
    assert_eq!(output.status.code(), Some(TASTE), "{}", String::from_utf8_lossy(&output.stderr));
}

fn promtool(arguments: &[&str]) -> Command {
    let mut command = Command::new(tool::PROMTOOL.path());
    command.args(arguments);
    command
}

fn check(command: &mut Command, input: &str) {
    let Output { status, stdout, stderr } = run(command, input);
    let [stdout, stderr] = [stdout, stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    assert!(status.success(), "{command:?}\n{stdout}\n{stderr}");
}

fn run(command: &mut Command, input: &str) -> Output {
    let streams = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = streams.spawn().unwrap_or_else(|error| panic!("cannot run {command:?}: {error}"));
    let mut stdin = child.stdin.take().expect("stdin is a pipe");
    // promtool reads to the end before it says anything, so writing first cannot block both.
    stdin.write_all(input.as_bytes()).expect("promtool reads its input");
    drop(stdin);
    child.wait_with_output().expect("promtool ends")
}
