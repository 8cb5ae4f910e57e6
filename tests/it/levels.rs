//! What is logged changes while a program runs.

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use super::program::{program, run};
use tachograph_servers::process::{PATIENCE, Process};

/// A scenario whose level signals change.
fn start(scenario: &[&str], variables: &[(&str, &str)]) -> (TempDir, Process) {
    let directory = tempfile::tempdir().unwrap();
    let mut command = Command::new(program());
    command.args(scenario).env("LOG_DIR", directory.path()).env("METRICS_ADDR", "off");
    command.envs([("LOG_CONSOLE", "off"), ("LOG_MAX_BYTES", "0")]).envs(variables.iter().copied());
    (directory, Process::start("scenario", &mut command))
}

const SIGNALS: (&str, &str) = ("LOG_LEVEL_SIGNALS", "1");

fn records(directory: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(directory.join("scenario.log")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn is_change(record: &Value) -> bool {
    record["message"] == "log level changed"
}

/// From what to what, and by whom.
fn changes(records: &[Value]) -> Vec<[&str; 3]> {
    let told = records.iter().filter(|record| record["logger"] == "tachograph");
    told.map(|record| ["from", "to", "by"].map(|key| record["extra"][key].as_str().unwrap())).collect()
}

/// Waits until the main log is so.
fn wait_for(directory: &Path, is_so: impl Fn(&str) -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so(&std::fs::read_to_string(directory.join("scenario.log")).unwrap()) {
        assert!(Instant::now() < deadline, "the log does not get there");
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn wait_for_line(process: &mut Process, expected: &str) {
    process.wait_for(expected, |line| (line == expected).then_some(()));
}

#[test]
fn signals_raise_the_level_and_restore_it_under_load() {
    let variables = [SIGNALS, ("LOG_LEVEL", "INFO,hyper=WARNING")];
    let (directory, mut process) = start(&["level-under-load"], &variables);
    wait_for_line(&mut process, "level info,hyper=warn");
    process.send(libc::SIGUSR1);
    wait_for_line(&mut process, "debug,hyper=info: tachograph_log_level{level=\"debug\"} 1");
    wait_for_line(&mut process, "debug,hyper=info: tachograph_log_level_overridden 1");
    process.send(libc::SIGUSR1);
    wait_for_line(&mut process, "level trace,hyper=debug");
    wait_for(directory.path(), |log| log.matches("a detail").count() > 100);
    process.send(libc::SIGUSR2);
    let is_restored = |log: &str| {
        let periods: Vec<_> = log.split("log level changed").collect();
        periods.len() == 4 && periods[3].matches("under load").count() > 100
    };
    wait_for(directory.path(), is_restored);
    assert!(process.terminate().success());

    let records = records(directory.path());
    let expected = [
        ["info,hyper=warn", "debug,hyper=info", "SIGUSR1"],
        ["debug,hyper=info", "trace,hyper=debug", "SIGUSR1"],
        ["trace,hyper=debug", "info,hyper=warn", "SIGUSR2"],
    ];
    assert_eq!(changes(&records), expected);
    let details = |records: &[Value]| records.iter().filter(|record| record["level"] == "DEBUG").count();
    let periods: Vec<_> = records.split(is_change).map(details).collect();
    assert_eq!((periods.len(), periods[0]), (4, 0), "{periods:?}");
    // A thread that has asked already whether it may say something says it after the change.
    assert!(periods[1] + periods[2] > 100 && periods[3] <= 4, "{periods:?}");
}

#[test]
fn the_signals_are_the_programs_unless_they_are_asked_for() {
    for signal in [libc::SIGUSR1, libc::SIGUSR2] {
        let (_directory, mut process) = start(&["level-under-load"], &[]);
        wait_for_line(&mut process, "level info");
        assert_eq!(process.signal(signal).signal(), Some(signal));
    }
}

#[test]
fn handlers_of_the_program_go_on_working() {
    let (directory, mut process) = start(&["level-of-own-handlers"], &[]);
    wait_for_line(&mut process, "ready");
    process.send(libc::SIGUSR1);
    wait_for_line(&mut process, "level debug");
    assert!(process.terminate().success());
    wait_for_line(&mut process, "handled 1 1");
    assert_eq!(changes(&records(directory.path())), [["info", "debug", "SIGUSR1"]]);
}

#[test]
fn a_signal_that_changes_nothing_is_answered_all_the_same() {
    let (directory, mut process) = start(&["level-under-load"], &[SIGNALS, ("LOG_LEVEL", "trace")]);
    wait_for_line(&mut process, "level trace");
    process.send(libc::SIGUSR1);
    wait_for(directory.path(), |log| log.contains("log level is as wanted already"));
    assert!(process.terminate().success());
    assert_eq!(changes(&records(directory.path())), [["trace", "trace", "SIGUSR1"]]);
}

#[test]
fn call_sites_that_were_off_come_on_target_by_target() {
    let run = run("level-of-targets", &[]).succeeds();
    let records = run.records(".log");
    let details = records.iter().filter(|record| record["level"] == "DEBUG");
    let details: Vec<_> = details
        .map(|record| (record["message"].as_str().unwrap(), record["extra"]["number"].as_u64().unwrap()))
        .collect();
    assert_eq!(details, [("loud", 1), ("quiet", 2), ("quiet", 3), ("quiet", 4), ("loud", 4)]);
    let refusals: Vec<_> = run.stdout().lines().map(str::to_owned).collect();
    assert!(refusals[0].starts_with("level is `info,scenario::levels::quiet=very`, which is not a level ("));
    assert!(refusals[1].starts_with("level is ``, which is not a level ("), "{}", refusals[1]);
    let to: Vec<_> = changes(&records).iter().map(|[_, to, by]| (*to, *by)).collect();
    let expected = [
        "info,scenario::levels::loud=debug",
        "debug,scenario::levels::loud=info",
        "trace,scenario::levels::loud=debug",
        "info",
        "off",
        "error",
    ];
    assert_eq!(to, expected.map(|to| (to, "program")));
    let last = records.iter().rfind(|record| is_change(record)).unwrap();
    assert_eq!(last["request_id"], "admin-1", "who asked for it");
    let errors: Vec<_> = run.records("-error.log").iter().map(|record| record["message"].clone()).collect();
    assert_eq!(errors, ["heard again"]);
}

#[test]
fn directives_that_follow_spans_come_and_go_while_threads_are_inside() {
    let run = run("level-of-spans", &[]).succeeds();
    let records = run.records(".log");
    let details = records.iter().filter(|record| record["level"] == "DEBUG");
    let details: Vec<_> = details.map(|record| record["extra"]["number"].as_u64().unwrap()).collect();
    assert_eq!(details, [1, 6]);
}

#[test]
fn changes_by_many_threads_at_once_are_told_in_their_order() {
    let run = run("level-by-many", &[]).succeeds();
    let records = run.records(".log");
    let changes = changes(&records);
    assert_eq!(
        changes.len(),
        4 * 50,
        "each differs from the one before of its thread, and from those of others"
    );
    assert_eq!(changes[0][0], "info");
    assert!(changes.is_sorted_by(|before, after| before[1] == after[0]), "each begins where the last ended");
    assert_eq!(run.stdout(), format!("level {}\n", changes[changes.len() - 1][1]));
    assert_eq!(records.iter().filter(|record| record["message"] == "between").count(), 4 * 50);
}

#[test]
fn a_copy_of_the_process_hears_the_signals_itself() {
    let (directory, mut process) = start(&["level-in-a-copy"], &[SIGNALS]);
    let copy: i32 = process.wait_for("which copy it has", |line| line.strip_prefix("copy ")?.parse().ok());
    // SAFETY: takes two numbers; the copy lives until it has heard the signal, and its parent waits for it.
    assert_eq!(unsafe { libc::kill(copy, libc::SIGUSR1) }, 0);
    wait_for_line(&mut process, "ended 0");
    assert!(process.wait().success());
    let records = records(directory.path());
    assert_eq!(changes(&records), [["info", "debug", "SIGUSR1"]], "its original stays as it was");
    assert!(records.iter().any(|record| record["message"] == "a detail of the copy"));
}

#[test]
fn what_a_copy_was_signalled_before_it_said_anything_is_done_once_it_does() {
    let variables = [SIGNALS];
    let (directory, mut process) = start(&["level-in-a-copy", "itself"], &variables);
    wait_for_line(&mut process, "ended 0");
    assert!(process.wait().success());
    let messages: Vec<_> = records(directory.path()).iter().map(|record| record["message"].clone()).collect();
    assert_eq!(messages.last().unwrap(), "a detail of the copy");
}

#[test]
fn no_copy_waits_for_a_change_that_another_thread_was_making() {
    let run = run("level-of-copies", &[("LOG_MAX_BYTES", "0")]).succeeds();
    let records = run.records(".log");
    let details = records.iter().filter(|record| record["message"] == "a detail of the copy");
    let copies: Vec<_> = details.map(|record| record["extra"]["copy"].as_u64().unwrap()).collect();
    assert_eq!(copies, (0..30).collect::<Vec<_>>());
}
