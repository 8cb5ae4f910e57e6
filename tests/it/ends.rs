//! The ways in which a process ends, or is copied, in the midst of a burst: what it had logged is in the files, once.

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use super::program::{program, run, run_through_shell};
use tachograph_servers::process::Process;

/// A program that logs in a storm, and what it leaves.
struct Storm {
    directory: TempDir,
    process: Process,
}

impl Storm {
    fn start(scenario: &str, end: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        Self::start_in(directory, scenario, end, &[])
    }

    fn start_in(directory: TempDir, scenario: &str, end: &str, variables: &[(&str, &str)]) -> Self {
        let mut command = Command::new(program());
        command.arg(scenario).arg(directory.path().join("ledger")).arg(end).envs(variables.iter().copied());
        command.env("LOG_DIR", directory.path()).env("METRICS_ADDR", "off").env("LOG_CONSOLE", "off");
        command.envs([("LOG_MAX_BYTES", "16000000"), ("LOG_BACKUPS", "1000")]);
        let mut process = Process::start("scenario", &mut command);
        process.wait_for("that it writes", |line| (line == "writing").then_some(()));
        Self { directory, process }
    }

    /// After the end: how many records each thread had made, and those that the files hold.
    fn left(&self) -> (Vec<u64>, Vec<Value>) {
        let ledger = std::fs::read(self.directory.path().join("ledger")).unwrap();
        let made = ledger.as_chunks::<8>().0.iter().map(|count| u64::from_le_bytes(*count)).collect();
        (made, records(self.directory.path()))
    }

    /// All that was made is there in the order of its thread, and nothing twice.
    #[track_caller]
    fn has_lost_nothing(&self) {
        let (made, records) = self.left();
        assert!(made.iter().sum::<u64>() > 100, "{made:?}");
        for (thread, made) in made.iter().enumerate() {
            let numbers: Vec<_> = numbers(&records, thread as u64).collect();
            let found = numbers.len() as u64;
            assert!(numbers.into_iter().eq(0..found), "in order, once");
            // The last one may be in the files, but not in the ledger yet.
            assert!((*made..=made + 1).contains(&found), "thread {thread}: {found} of {made}");
        }
    }
}

fn numbers(records: &[Value], thread: u64) -> impl Iterator<Item = u64> {
    let own = records.iter().filter(move |record| record["extra"]["thread"] == thread);
    own.map(|record| record["extra"]["number"].as_u64().unwrap())
}

/// Of the main file and its backups, oldest first.
fn records(directory: &Path) -> Vec<Value> {
    let backup = |number: usize| directory.join(format!("scenario.log.{number}"));
    let backups = (1..).map(backup).take_while(|path| path.exists());
    let mut files: Vec<_> = std::iter::once(directory.join("scenario.log")).chain(backups).collect();
    files.reverse();
    let text: String = files.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect();
    assert!(text.ends_with('\n'), "torn");
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn signalled(signal: i32) {
    let mut storm = Storm::start("storm", "killed");
    std::thread::sleep(std::time::Duration::from_millis(200));
    let status = storm.process.signal(signal);
    assert_eq!(status.signal(), Some(signal), "the process ends by its signal");
    storm.has_lost_nothing();
}

#[test]
fn sigterm_writes_what_is_queued_and_ends_the_process() {
    signalled(libc::SIGTERM);
}

#[test]
fn sigint_writes_what_is_queued_and_ends_the_process() {
    signalled(libc::SIGINT);
}

#[test]
fn exit_writes_what_is_queued_though_no_guard_drops() {
    let mut storm = Storm::start("storm", "exit");
    assert!(storm.process.wait().success());
    storm.has_lost_nothing();
}

#[test]
fn a_panic_that_ends_the_process_loses_nothing() {
    let mut storm = Storm::start("storm", "panic");
    assert_eq!(storm.process.wait().code(), Some(101));
    storm.has_lost_nothing();
}

#[test]
fn a_guard_that_is_forgotten_loses_nothing() {
    let run = run("forgotten", &[]).succeeds();
    assert_eq!(run.lines(".log").len(), 1_000);
}

#[test]
fn an_error_is_in_its_files_before_the_call_returns_whatever_kills_the_process_then() {
    let mut storm = Storm::start("errors", "");
    std::thread::sleep(std::time::Duration::from_millis(100));
    assert_eq!(storm.process.signal(libc::SIGKILL).signal(), Some(libc::SIGKILL));
    storm.has_lost_nothing();
}

#[test]
fn copies_of_a_process_write_what_is_theirs_and_the_original_what_is_its_own() {
    // A file takes whatever comes, where the reader of a pipe may be too late for a console that does not wait for it.
    let shown = tempfile::NamedTempFile::new().unwrap();
    let variables =
        [("LOG_MAX_BYTES", "0"), ("LOG_CONSOLE", "json"), ("SHOWN", shown.path().to_str().unwrap())];
    let run = run_through_shell(r#"exec "$0" fork 2>>"$SHOWN""#, &variables).succeeds();
    let records = run.records(".log");
    let originals = run.stdout();
    let originals = originals.lines().map(|line| line.split_once(' ').unwrap());
    let originals = originals.map(|(thread, made)| (thread.parse().unwrap(), made.parse().unwrap()));
    for (thread, made) in originals.chain((10..20).map(|copy| (copy, 1_000))) {
        let numbers: Vec<u64> = numbers(&records, thread).collect();
        assert_eq!(numbers.len() as u64, made, "thread {thread}");
        assert!(numbers.into_iter().eq(0..made), "thread {thread}: in order, once");
    }
    // Several processes write to it, each in pieces of its own.
    let shown = std::fs::read_to_string(shown.path()).unwrap();
    let is_shown = |copy: u64| shown.contains(&format!("\"thread\":{copy},"));
    assert!((10..20).all(is_shown), "each copy has a console of its own");
}

/// Starts the service once more, which writes what the one before has left, and ends it.
fn start_again(directory: &Path) {
    let mut command = Command::new(program());
    command.arg("idle").env("LOG_DIR", directory).env("METRICS_ADDR", "off").env("LOG_CONSOLE", "off");
    command.envs([("LOG_MAX_BYTES", "16000000"), ("LOG_BACKUPS", "1000"), ("LOG_DURABILITY", "spool")]);
    assert!(Process::start("scenario", &mut command).wait().success());
}

fn spools(directory: &Path) -> usize {
    let entries = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name());
    entries.filter(|name| name.to_string_lossy().contains("spool")).count()
}

#[test]
fn a_spool_loses_tears_and_doubles_nothing_however_often_the_process_is_killed() {
    for round in 0..20 {
        let directory = tempfile::tempdir().unwrap();
        let mut storm = Storm::start_in(directory, "storm", "killed", &[("LOG_DURABILITY", "spool")]);
        std::thread::sleep(std::time::Duration::from_micros(20_000 + round * 1_733));
        assert_eq!(storm.process.signal(libc::SIGKILL).signal(), Some(libc::SIGKILL));
        assert_eq!(spools(storm.directory.path()), 1);
        start_again(storm.directory.path());
        assert_eq!(spools(storm.directory.path()), 0);
        storm.has_lost_nothing();
    }
}

#[test]
fn an_abort_loses_nothing_with_a_spool() {
    let directory = tempfile::tempdir().unwrap();
    let mut storm = Storm::start_in(directory, "storm", "abort", &[("LOG_DURABILITY", "spool")]);
    assert_eq!(storm.process.wait().signal(), Some(libc::SIGABRT));
    start_again(storm.directory.path());
    storm.has_lost_nothing();
}

#[test]
fn a_copy_that_outlives_its_killed_original_does_not_keep_what_that_had_to_say() {
    let directory = tempfile::tempdir().unwrap();
    let mut storm = Storm::start_in(directory, "outlived", "", &[("LOG_DURABILITY", "spool")]);
    let id = |line: &str| line.strip_prefix("copy ")?.parse().ok();
    let copy: i32 = storm.process.wait_for("which copy it has", id);
    assert_ne!(copy, 0, "the copy could write");
    assert_eq!(storm.process.signal(libc::SIGKILL).signal(), Some(libc::SIGKILL));
    start_again(storm.directory.path());
    let left = spools(storm.directory.path());
    // SAFETY: takes two numbers; the copy was told of by the program that this test started.
    let is_alive = unsafe { libc::kill(copy, libc::SIGKILL) } == 0;
    assert!(is_alive, "it did outlive its original");
    assert_eq!(left, 0);
    storm.has_lost_nothing();
}
