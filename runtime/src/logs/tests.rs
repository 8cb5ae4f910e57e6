//! The pipeline as a whole: on a real disk for what comes out, on one in memory for what goes wrong.

mod memory_disk;
mod faults;
mod every_call;
mod retention;
mod files;
mod queue;
mod formats;
mod naughty;
mod rates;
mod records;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde_json::Value as Json;

use self::memory_disk::MemoryDisk;
use super::scan::members;
use super::*;
use crate::observer::{Failure, Level};

/// No test comes near it: what takes this long hangs.
const LONG: Duration = Duration::from_secs(60);

/// A directory that is gone when the test is.
struct TestDir(PathBuf);

impl TestDir {
    fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("tachograph-logs-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn open(&self, max_bytes: u64, backups: u32) -> Logs {
        Logs::open(settings(&self.0, max_bytes, backups)).unwrap()
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.0.join(name)).unwrap()
    }
}

impl Drop for TestDir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn settings(dir: &Path, max_bytes: u64, backups: u32) -> LogSettings {
    LogSettings {
        service: "app".to_owned(),
        dir: dir.to_owned(),
        overflow: Overflow::Block,
        durability: Durability::Memory,
        rotation: LogRotation::Size,
        max_bytes,
        backups,
        max_total_bytes: 0,
        max_age: None,
        compress: false,
        console: Console::Off,
        format: LogFormat::default(),
        max_record_bytes: MAX_RECORD_BYTES,
        rate_limit: None,
    }
}

/// A writer without a queue's memory or a thread.
fn writer(settings: &LogSettings, disk: &MemoryDisk, counters: &Arc<Counters>) -> Writer {
    let shared: Arc<dyn Disk> = Arc::new(disk.clone());
    let files = Files::open(settings, &shared, counters).unwrap();
    let console = ConsoleWriter::stderr(Console::Off, settings.format, Arc::clone(counters));
    let format = Format::new(settings.format, &settings.service, settings.max_record_bytes);
    let trouble = Trouble::new(Arc::new(format));
    Writer::new(files, console, trouble, Arc::clone(counters), Arc::default())
}

/// Every line, parsed; each must be a record as the contract has it.
#[track_caller]
fn records(lines: &str) -> Vec<Json> {
    assert!(lines.is_empty() || lines.ends_with('\n'), "torn");
    lines.lines().map(record).collect()
}

#[track_caller]
fn record(line: &str) -> Json {
    const KEYS: [&str; 9] =
        ["timestamp", "level", "logger", "message", "module", "function", "line", "request_id", "extra"];
    let parsed: Json = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    let keys = keys_of(line.as_bytes());
    let mut expected = KEYS.into_iter().filter(|key| keys.iter().any(|known| known == key));
    assert!(keys.iter().all(|key| expected.next() == Some(key.as_str())), "{keys:?}");
    assert!(keys.starts_with(&["timestamp", "level", "logger"].map(str::to_owned)));
    let extra = members(line.as_bytes())
        .find(|(key, _)| *key == b"extra")
        .map_or(0, |(_, extra)| keys_of(extra).len());
    let distinct = parsed.get("extra").map_or(0, |extra| extra.as_object().unwrap().len());
    assert_eq!(extra, distinct, "a key stands twice: {line}");
    parsed
}

/// As many as stand there: no parser has folded those that are equal.
fn keys_of(object: &[u8]) -> Vec<String> {
    members(object).map(|(key, _)| String::from_utf8(key.to_vec()).unwrap()).collect()
}

/// A record that says no more than its number.
fn number(logs: &Logs, number: u64) {
    let message = number.to_string();
    let causes = &[];
    logs.failure(&Failure {
        operation: "f",
        module: "m",
        line: 1,
        level: Level::Info,
        message: &message,
        causes,
    });
}

/// The numbers of those records; what the log says about itself is left out.
#[track_caller]
fn numbers(lines: &str) -> Vec<u64> {
    let records = records(lines);
    let numbered = records.iter().filter(|record| record["logger"] == "m");
    numbered.map(|record| record["message"].as_str().unwrap().parse().unwrap()).collect()
}

fn counted(logs: &Logs, name: &str, log: &str, label: Option<(&'static str, &'static str)>) -> u64 {
    let counters = logs.counters();
    counters
        .iter()
        .find(|count| count.metric.name == name && count.log == log && count.label == label)
        .unwrap()
        .value
}
