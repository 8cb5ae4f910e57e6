//! The files on a real disk: rotation, neighbours, many threads, refusals.

use super::*;

const FILE_LIMIT: u64 = 2_000;

fn names(dir: &TestDir) -> Vec<String> {
    let entries = std::fs::read_dir(&dir.0).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn ten_backups_are_kept_besides_the_current_file_and_none_is_above_the_limit() {
    let dir = TestDir::new();
    let logs = dir.open(FILE_LIMIT, 10);
    (0..1_000).for_each(|i| number(&logs, i));
    logs.shutdown(LONG).unwrap();
    let mut expected: Vec<_> = (1..=10).map(|i| format!("app.log.{i}")).collect();
    expected.extend(["app.log", "app-error.log", "app-performance.log"].map(str::to_owned));
    expected.sort();
    assert_eq!(names(&dir), expected);

    let mut kept = Vec::new();
    for name in (1..=10).rev().map(|i| format!("app.log.{i}")).chain(["app.log".to_owned()]) {
        let text = dir.read(&name);
        assert!(text.len() as u64 <= FILE_LIMIT);
        kept.extend(numbers(&text));
    }
    let first = 1_000 - kept.len() as u64;
    assert_eq!(kept, (first..1_000).collect::<Vec<_>>(), "the newest, in order");
    assert!(counted(&logs, "tachograph_log_rotations_total", "main", None) > 10);
}

#[test]
fn neighbours_with_similar_names_are_left_alone() {
    let dir = TestDir::new();
    let neighbours =
        ["app.log.11", "app.log.1.gz", "app.log.01", "app.log-1", "app.logs", "app2.log", "app-error.log.1"];
    for name in neighbours {
        std::fs::write(dir.0.join(name), name).unwrap();
    }
    let logs = dir.open(FILE_LIMIT, 10);
    (0..1_000).for_each(|i| number(&logs, i));
    logs.shutdown(LONG).unwrap();
    for name in neighbours {
        assert_eq!(dir.read(name), name);
    }
}

#[test]
fn many_threads_lose_nothing_through_rotations_and_a_full_queue() {
    const EACH: u64 = 5_000;
    let dir = TestDir::new();
    // The queue holds a dozen lines: the threads block all the time.
    let logs = Logs::open_on(Arc::new(RealDisk), settings(&dir.0, 200_000, 1_000), 2_000).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let logs = &logs;
            scope.spawn(move || (0..EACH).for_each(|i| number(logs, thread * EACH + i)));
        }
    });
    logs.shutdown(LONG).unwrap();
    let mut found = Vec::new();
    let files = names(&dir);
    for name in files.iter().filter(|name| name.starts_with("app.log")) {
        let text = dir.read(name);
        assert!(text.len() <= 200_000);
        found.extend(numbers(&text));
    }
    assert!(files.len() > 10);
    found.sort_unstable();
    assert_eq!(found, (0..4 * EACH).collect::<Vec<_>>());
    assert_eq!(counted(&logs, "tachograph_log_records_total", "main", None), 4 * EACH);
}

#[test]
fn a_start_goes_on_where_the_last_one_ended_and_a_torn_line_takes_no_other_with_it() {
    let dir = TestDir::new();
    let logs = dir.open(0, 10);
    number(&logs, 1);
    logs.shutdown(LONG).unwrap();
    let first = dir.read("app.log");
    std::fs::write(dir.0.join("app.log"), format!("{first}{{\"torn")).unwrap();
    let logs = dir.open(0, 10);
    number(&logs, 2);
    logs.shutdown(LONG).unwrap();
    let text = dir.read("app.log");
    let rest = text.strip_prefix(&format!("{first}{{\"torn\n")).unwrap();
    assert_eq!(numbers(rest), [2]);
}

#[test]
fn a_flush_means_that_the_record_is_in_its_file() {
    let dir = TestDir::new();
    let logs = dir.open(0, 0);
    for i in 0..20 {
        number(&logs, i);
        logs.flush(LONG).unwrap();
        assert_eq!(numbers(&dir.read("app.log")).last(), Some(&i));
    }
}

#[test]
fn records_after_the_end_are_written_by_those_who_make_them() {
    let dir = TestDir::new();
    let logs = dir.open(0, 0);
    number(&logs, 1);
    logs.shutdown(LONG).unwrap();
    number(&logs, 2);
    assert_eq!(numbers(&dir.read("app.log")), [1, 2]);
    logs.shutdown(LONG).unwrap();
    logs.flush(LONG).unwrap();
}

#[track_caller]
fn check_refused(dir: &Path, expected: &str) {
    let Err(error) = Logs::open(settings(dir, 0, 0)) else { panic!("it opened") };
    let text = error.to_string();
    assert!(
        text.starts_with(expected) && text.ends_with("; set LOG_DIR to a directory that can be written"),
        "{text}"
    );
}

#[test]
fn a_directory_that_cannot_be_used_is_refused_with_operation_and_path() {
    let dir = TestDir::new();
    let path = dir.0.join("file");
    std::fs::write(&path, "").unwrap();
    check_refused(&path, &format!("cannot create the log directory {}: ", path.display()));
    let path = path.join("below");
    check_refused(&path, &format!("cannot create the log directory {}: ", path.display()));

    let path = dir.0.join("app-error.log");
    std::fs::create_dir(&path).unwrap();
    check_refused(&dir.0, &format!("cannot open the log file {}: ", path.display()));
}

#[cfg(target_os = "linux")]
#[test]
fn a_device_that_is_full_does_not_stop_the_program() {
    let dir = TestDir::new();
    std::os::unix::fs::symlink("/dev/full", dir.0.join("app.log")).unwrap();
    let logs = dir.open(0, 0);
    (0..100).for_each(|i| number(&logs, i));
    let unwritten = logs.shutdown(Duration::from_millis(50)).unwrap_err();
    assert_eq!(unwritten.records(), 100);
    let dropped = ("reason", "write_failed");
    assert_eq!(counted(&logs, "tachograph_log_dropped_total", "main", Some(dropped)), 100);
    assert!(counted(&logs, "tachograph_log_errors_total", "main", Some(("operation", "write"))) > 0);
}

#[cfg(unix)]
#[test]
fn a_process_that_holds_a_file_and_is_stopped_is_waited_for_once() {
    let dir = TestDir::new();
    let logs = dir.open(FILE_LIMIT, 10);
    let held = std::fs::File::open(dir.0.join("app.log")).unwrap();
    held.lock().unwrap();
    let began = clock::ticks();
    for i in 0..200 {
        number(&logs, i);
        logs.flush(LONG).unwrap();
    }
    assert!(
        clock::duration(clock::ticks() - began) < Duration::from_secs(10),
        "{:?}",
        clock::duration(clock::ticks() - began)
    );
    assert!(dir.0.join("app.log.1").exists(), "it rotates all the same");
    held.unlock().unwrap();
    logs.shutdown(LONG).unwrap();
    let backup = |i| if i == 0 { "app.log".to_owned() } else { format!("app.log.{i}") };
    let kept = (0..=10).rev().map(backup).filter(|name| dir.0.join(name).exists());
    let kept: Vec<_> = kept.flat_map(|name| numbers(&dir.read(&name))).collect();
    assert_eq!(kept, (kept[0]..200).collect::<Vec<_>>());
}

#[cfg(unix)]
#[test]
fn while_a_directory_is_held_files_grow_and_nothing_is_renamed() {
    let dir = TestDir::new();
    let logs = dir.open(FILE_LIMIT, 10);
    let held = std::fs::File::open(&dir.0).unwrap();
    held.lock().unwrap();
    (0..100).for_each(|i| number(&logs, i));
    logs.shutdown(LONG).unwrap();
    assert_eq!(numbers(&dir.read("app.log")), (0..100).collect::<Vec<_>>());
    assert_eq!(counted(&logs, "tachograph_log_errors_total", "main", Some(("operation", "rotate"))), 1);
    assert!(dir.read("app.log").contains("does not let go"), "the log says why");
}

#[cfg(unix)]
#[test]
fn a_compressed_backup_has_the_mode_and_the_time_of_its_source_and_leftovers_go() {
    use std::os::unix::fs::PermissionsExt;

    let dir = TestDir::new();
    let (plain, compressed) = (dir.0.join("app.log.3"), dir.0.join("app.log.3.gz"));
    std::fs::write(&plain, "a line\n").unwrap();
    std::fs::set_permissions(&plain, std::fs::Permissions::from_mode(0o600)).unwrap();
    let modified = std::time::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    std::fs::File::options().append(true).open(&plain).unwrap().set_modified(modified).unwrap();
    std::fs::write(dir.0.join("app.log.compressing"), "half").unwrap();
    std::fs::write(dir.0.join("app-error.log.compressing"), "half").unwrap();

    let logs = Logs::open(LogSettings { compress: true, ..settings(&dir.0, FILE_LIMIT, 10) }).unwrap();
    let began = clock::ticks();
    while plain.exists() {
        assert!(clock::duration(clock::ticks() - began) < LONG);
        std::thread::sleep(Duration::from_millis(5));
    }
    let metadata = compressed.metadata().unwrap();
    assert_eq!((metadata.permissions().mode() & 0o777, metadata.modified().unwrap()), (0o600, modified));
    let mut text = String::new();
    let file = std::fs::File::open(compressed).unwrap();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(file), &mut text).unwrap();
    assert_eq!(text, "a line\n");
    assert_eq!(names(&dir), ["app-error.log", "app-performance.log", "app.log", "app.log.3.gz"]);
    logs.shutdown(LONG).unwrap();
}
