//! A disk that fails: what is promised then.

use std::io::ErrorKind;

use super::memory_disk::{Fault, MemoryDisk};
use super::*;

const FILE_LIMIT: u64 = 600;

fn open(disk: &MemoryDisk, queue_bytes: usize) -> Logs {
    Logs::open_on(Arc::new(disk.clone()), settings(Path::new(""), FILE_LIMIT, 100), queue_bytes).unwrap()
}

/// What the log says about its own losses.
fn told(lines: &str) -> Vec<Json> {
    let notices = records(lines).into_iter().filter(|record| record["logger"] == "tachograph");
    notices.map(|record| record["extra"].clone()).collect()
}

/// Writes forty records under a fault, one flush each five; gives how many calls to the disk that took.
fn forty_records_survive(fault: Fault) -> usize {
    let disk = MemoryDisk::default();
    let logs = open(&disk, QUEUE_BYTES);
    disk.set(fault);
    for i in 0..40 {
        number(&logs, i);
        if i % 5 == 4 {
            logs.flush(LONG).unwrap();
        }
    }
    logs.shutdown(LONG).unwrap();
    let text = disk.whole("app.log");
    assert_eq!(numbers(&text), (0..40).collect::<Vec<_>>(), "{fault:?}");
    disk.calls()
}

#[test]
fn one_fault_at_any_call_loses_doubles_and_tears_nothing() {
    let calls = forty_records_survive(Fault::None);
    assert!(calls > 30);
    for call in 0..calls + 2 {
        forty_records_survive(Fault::Call(call, ErrorKind::Other));
        forty_records_survive(Fault::Short(call, 1));
        forty_records_survive(Fault::Call(call, ErrorKind::Interrupted));
    }
}

#[test]
fn a_start_that_fails_is_refused() {
    for call in 0..7 {
        let disk = MemoryDisk::default();
        disk.set(Fault::Call(call, ErrorKind::Other));
        let opened = Logs::open_on(Arc::new(disk), settings(Path::new("dir"), 0, 0), QUEUE_BYTES);
        let text = opened.err().unwrap().to_string();
        assert!(text.contains("dir") && text.contains("injected"), "{text}");
    }
}

#[test]
fn a_full_disk_costs_only_what_the_queue_cannot_hold_and_the_log_tells() {
    let disk = MemoryDisk::default();
    let logs = open(&disk, 4_000);
    number(&logs, 0);
    logs.flush(LONG).unwrap();
    disk.set(Fault::Full(10));
    for i in 1..1_000 {
        number(&logs, i);
        if i == 1 {
            // Once a write has failed, the program is not held up any more.
            logs.flush(Duration::ZERO).unwrap_err();
        }
    }
    disk.set(Fault::None);
    logs.flush(LONG).unwrap();
    number(&logs, 1_000);
    logs.shutdown(LONG).unwrap();

    let kept = numbers(&disk.whole("app.log"));
    assert!(kept.is_sorted_by(|a, b| a < b), "in order, and each once");
    assert_eq!((kept.first(), kept.last()), (Some(&0), Some(&1_000)));

    let dropped = counted(&logs, "tachograph_log_dropped_total", "main", Some(("reason", "queue_full")));
    assert!(dropped > 0);
    assert_eq!(kept.len() as u64 + dropped, 1_001, "counted exactly");
    let told = told(&disk.whole("app.log"));
    assert_eq!(told.last().unwrap()["dropped_in_all"], dropped);
    assert_eq!(told.iter().map(|extra| extra["dropped"].as_u64().unwrap()).sum::<u64>(), dropped);
    assert!(counted(&logs, "tachograph_log_errors_total", "main", Some(("operation", "write"))) > 0);
}

#[test]
fn an_end_on_a_full_disk_tells_what_is_lost_and_leaves_no_torn_line() {
    let disk = MemoryDisk::default();
    let logs = open(&disk, QUEUE_BYTES);
    number(&logs, 0);
    logs.flush(LONG).unwrap();
    let line = disk.whole("app.log").len();
    disk.set(Fault::Full(line + line / 2));
    (1..4).for_each(|i| number(&logs, i));
    let unwritten = logs.shutdown(Duration::from_millis(20)).unwrap_err();
    assert_eq!((unwritten.records(), unwritten.bytes()), (2, 2 * line as u64));
    assert_eq!(numbers(&disk.whole("app.log")), [0, 1]);
    number(&logs, 4);
    let dropped = counted(&logs, "tachograph_log_dropped_total", "main", Some(("reason", "write_failed")));
    assert_eq!(dropped, 3);
    disk.set(Fault::None);
    number(&logs, 5);
    assert_eq!(numbers(&disk.whole("app.log")), [0, 1, 5]);
    let [told] = told(&disk.whole("app.log")).try_into().unwrap();
    assert_eq!(
        (&told["dropped"], &told["dropped_in_all"], &told["write_failed"]),
        (&3.into(), &3.into(), &3.into())
    );
    assert_eq!((told["error"].as_str(), told["queue_full"].as_u64()), (Some("no storage space"), None));
    assert!(told["since"].as_str().is_some_and(|since| since.ends_with('Z')), "{told}");
}

#[test]
fn files_that_cannot_be_rotated_grow_instead() {
    let disk = MemoryDisk::default();
    let logs = open(&disk, QUEUE_BYTES);
    disk.set(Fault::Renames);
    (0..40).for_each(|i| number(&logs, i));
    logs.shutdown(LONG).unwrap();
    assert_eq!(disk.files("app.log").len(), 1);
    assert_eq!(numbers(&disk.whole("app.log")), (0..40).collect::<Vec<_>>());
    assert_eq!(counted(&logs, "tachograph_log_errors_total", "main", Some(("operation", "rotate"))), 1);
    assert_eq!(counted(&logs, "tachograph_log_rotations_total", "main", None), 0);
}

#[test]
fn a_write_that_hangs_bounds_flush_and_shutdown_and_is_told() {
    let disk = MemoryDisk::default();
    let logs = open(&disk, QUEUE_BYTES);
    disk.set(Fault::Hanging);
    (0..3).for_each(|i| number(&logs, i));
    assert_eq!(logs.flush(Duration::from_millis(1)).unwrap_err().records(), 3);
    assert_eq!(logs.shutdown(Duration::from_millis(1)).unwrap_err().records(), 3);
    number(&logs, 3);
    assert_eq!(counted(&logs, "tachograph_log_dropped_total", "main", Some(("reason", "shutdown"))), 1);
    disk.set(Fault::None);
    // The writer goes on where it was, and ends.
    logs.shutdown(LONG).unwrap();
    number(&logs, 4);
    assert_eq!(numbers(&disk.whole("app.log")), [0, 1, 2, 4]);
    assert_eq!(
        told(&disk.whole("app.log")),
        [serde_json::json!({"dropped": 1, "dropped_in_all": 1, "shutdown": 1})]
    );
}

#[test]
fn a_file_that_is_moved_removed_or_cut_short_costs_no_record() {
    let disk = MemoryDisk::default();
    let logs = open(&disk, QUEUE_BYTES);
    let write = |i| {
        number(&logs, i);
        logs.flush(LONG).unwrap();
    };
    write(0);
    assert_eq!(numbers(&disk.take("app.log").unwrap()), [0]);
    write(1);
    assert_eq!(numbers(&disk.whole("app.log")), [1]);
    disk.truncate("app.log");
    write(2);
    assert_eq!(numbers(&disk.whole("app.log")), [2], "and there is no hole before it");
    logs.reopen();
    write(3);
    assert_eq!(numbers(&disk.whole("app.log")), [2, 3]);
}
