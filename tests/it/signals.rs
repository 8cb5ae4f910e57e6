//! A program that is asked to stop under load stops with every record on disk.

use std::path::Path;
use std::process::Command;

use super::program::program;
use tachograph_servers::process::Process;

#[test]
fn sigterm_under_load_loses_no_record() {
    let directory = tempfile::tempdir().unwrap();
    let mut command = Command::new(program());
    command.arg("until-sigterm").env("LOG_DIR", directory.path());
    command.envs([("LOG_MAX_BYTES", "4000000"), ("LOG_BACKUPS", "1000"), ("LOG_CONSOLE", "off")]);
    command.env("METRICS_ADDR", "off");
    let mut process = Process::start("scenario", &mut command);
    process.wait_for("that it writes", |line| (line == "writing").then_some(()));
    // Under load is where it has rotated at least once.
    let rotated = directory.path().join("scenario.log.1");
    while !rotated.exists() {
        std::thread::yield_now();
    }
    assert!(process.terminate().success());
    let made: usize = process.wait_for("how many it made", |line| line.strip_prefix("made ")?.parse().ok());

    let mut next = [0_u64; 4];
    for path in oldest_first(directory.path()) {
        for line in std::fs::read_to_string(path).unwrap().lines() {
            let record: serde_json::Value = serde_json::from_str(line).unwrap();
            let extra = &record["extra"];
            let (thread, number) =
                (extra["thread"].as_u64().unwrap() as usize, extra["number"].as_u64().unwrap());
            assert_eq!(number, next[thread], "in the order of its thread, once");
            next[thread] += 1;
        }
    }
    assert_eq!(next.iter().sum::<u64>(), made as u64);
}

fn oldest_first(directory: &Path) -> Vec<std::path::PathBuf> {
    let backup = |number: usize| directory.join(format!("scenario.log.{number}"));
    let backups = (1..).map(backup).take_while(|path| path.exists());
    let mut files: Vec<_> = std::iter::once(directory.join("scenario.log")).chain(backups).collect();
    files.reverse();
    files
}
