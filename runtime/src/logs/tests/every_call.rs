//! Every call to the disk fails once, in every way: with rotations, compression and a file that is moved away.

use std::io::ErrorKind;

use super::memory_disk::{Fault, MemoryDisk};
use super::*;
use crate::clock::manual::Clock;
use crate::logs::backups::Backups;
use crate::logs::batch::Batch;
use crate::logs::compress::compress_all;

const FILE_LIMIT: u64 = 120;
const BATCHES: u64 = 8;
const EACH: u64 = 5;

/// The pipeline without its threads: what happens depends on nothing but the faults.
struct Scene {
    disk: MemoryDisk,
    writer: Writer,
    counters: Arc<Counters>,
    backups: Backups,
    clock: Clock,
}

impl Scene {
    fn new(backups: u32, compress: bool) -> Self {
        let disk = MemoryDisk::default();
        let clock = Clock::at(0);
        clock.set_unix_time(Duration::from_secs(20_000 * 86_400));
        let (writer, counters) = start(&disk, backups, compress);
        let backups = Backups::new("app.log".into(), backups, compress);
        Self { disk, writer, counters, backups, clock }
    }

    /// Writes a batch, however often that takes; gives how often.
    fn write(&mut self, batch: Batch) -> u32 {
        let queue = Queue::new(0, Overflow::Block, batch);
        for attempt in 1..10_000 {
            let step = self.writer.step(&queue);
            self.clock.advance(Duration::from_secs(2));
            if step == Step::Written {
                return attempt;
            }
        }
        panic!("it does not come to an end");
    }

    fn compress(&self) {
        if self.backups.are_compressed && compress_all(&self.disk, &self.backups, &|_| true).is_err() {
            self.counters.failed(Log::Main, counters::Operation::Compress);
        }
    }

    fn errors(&self, operation: &str) -> u64 {
        let counts = self.counters.snapshot();
        let of = counts.iter().find(|count| {
            count.metric.name == "tachograph_log_errors_total"
                && count.log == "main"
                && count.label == Some(("operation", operation))
        });
        of.unwrap().value
    }
}

fn start(disk: &MemoryDisk, backups: u32, compress: bool) -> (Writer, Arc<Counters>) {
    let counters = Arc::new(Counters::default());
    let settings = LogSettings { compress, ..settings(Path::new(""), FILE_LIMIT, backups) };
    (writer(&settings, disk, &counters), counters)
}

/// Lines that say no more than their number, of different lengths.
fn batch(number: u64) -> Batch {
    let mut batch = Batch::default();
    for number in number * EACH..(number + 1) * EACH {
        let filling = "x".repeat((number * 7 % 31) as usize);
        batch.push(format!("{number:03} {filling}\n").as_bytes(), Route::EVERYDAY);
    }
    batch
}

fn numbered(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.starts_with('{'))
}

/// The numbers of the lines, none of them torn; what the log says about itself is left out.
#[track_caller]
fn lines(text: &str) -> Vec<u64> {
    let numbered = numbered(text).map(|line| {
        let (number, filling) = line.split_at_checked(4).unwrap_or_else(|| panic!("torn: `{line}`"));
        let number: u64 = number.trim_end().parse().unwrap_or_else(|_| panic!("torn: `{line}`"));
        assert_eq!(filling.len() as u64, number * 7 % 31, "torn: `{line}`");
        number
    });
    assert!(text.is_empty() || text.ends_with('\n'), "the last line is torn");
    numbered.collect()
}

/// Nine batches, a file that is moved away, and a restart; gives how many calls to the disk that took.
fn play(fault: Fault, backups: u32, compress: bool) -> usize {
    let mut scene = Scene::new(backups, compress);
    scene.disk.set(fault);
    let mut moved = String::new();
    for number in 0..BATCHES {
        scene.write(batch(number));
        scene.compress();
        // Where backups go, what is moved away would be missing in between; and a line that was begun, and could not be taken
        // back, would be torn with it.
        let is_whole = !matches!(fault, Fault::Random(..));
        if number == BATCHES / 2 && backups >= BATCHES as u32 && is_whole {
            moved = scene.disk.take("app.log").unwrap_or_default();
        }
    }
    let calls = scene.disk.calls();
    scene.disk.set(Fault::None);
    // What the log had begun to say about it, it says to the end.
    scene.write(batch(BATCHES));
    scene.compress();
    // Another process starts, and tidies up.
    let Scene { disk, counters, .. } = &scene;
    start(disk, backups, compress);
    scene.compress();

    let files = disk.files("app.log");
    let text = disk.removed() + &moved + &disk.whole("app.log");
    let mut kept = lines(&text);
    kept.sort_unstable();
    let in_order = lines(&disk.whole("app.log"));
    assert!(in_order.is_sorted_by(|a, b| a < b), "{fault:?}: {in_order:?}");
    let first = if backups < BATCHES as u32 { kept[0] } else { 0 };
    assert_eq!(kept, (first..(BATCHES + 1) * EACH).collect::<Vec<_>>(), "{fault:?}: each line once");
    assert!(
        counters
            .snapshot()
            .iter()
            .all(|count| count.metric.name != "tachograph_log_dropped_total" || count.value == 0)
    );

    // A file that could not be rotated, or looked at, grows at once by a batch, and by the line in which the log says so.
    let is_within = |text: &String| match scene.errors("rotate") + scene.errors("open") {
        _ if matches!(fault, Fault::Random(..)) => true,
        0 => text.len() as u64 <= FILE_LIMIT,
        _ => numbered(text).map(|line| line.len() as u64 + 1).sum::<u64>() <= 2 * FILE_LIMIT,
    };
    assert!(files.values().all(is_within), "{fault:?}: {files:?}");
    let role = |name: &String| name == "app.log" || scene.backups.role(name).is_some();
    assert!(files.keys().all(role), "{fault:?}: {:?}", files.keys());
    assert!(!files.contains_key("app.log.oldest") && !files.contains_key("app.log.oldest.gz"), "{fault:?}");
    assert!(disk.files("app-").values().all(String::is_empty));
    if compress {
        assert!(
            files.keys().all(|name| name == "app.log" || name.ends_with(".gz")),
            "{fault:?}: {:?}",
            files.keys()
        );
    }
    calls
}

fn faults(call: usize) -> Vec<Fault> {
    let kinds =
        [ErrorKind::StorageFull, ErrorKind::PermissionDenied, ErrorKind::Interrupted, ErrorKind::Other];
    let single = kinds.map(|kind| Fault::Call(call, kind));
    let several = [2, 5, 17].map(|count| Fault::Calls(call, count, ErrorKind::Other));
    let short = [1, 7, 40].map(|bytes| Fault::Short(call, bytes));
    [&single[..], &several, &short].concat()
}

#[test]
fn no_failure_of_any_call_loses_doubles_tears_or_overwrites_anything() {
    for compress in [false, true] {
        let calls = play(Fault::None, 100, compress);
        assert!(calls > 100, "it rotates often: {calls}");
        for call in 0..calls {
            for fault in faults(call) {
                play(fault, 100, compress);
            }
        }
    }
}

#[test]
fn no_failure_of_any_call_costs_more_than_the_backups_that_are_too_many() {
    for compress in [false, true] {
        let calls = play(Fault::None, 2, compress);
        for call in 0..calls {
            for fault in faults(call) {
                play(fault, 2, compress);
            }
        }
    }
}

#[test]
fn no_combination_of_failures_loses_doubles_tears_or_overwrites_anything() {
    for seed in 0..300 {
        for percent in [3, 15, 40] {
            for (backups, compress) in [(100, false), (100, true), (2, false), (2, true)] {
                play(Fault::Random(seed, percent), backups, compress);
            }
        }
    }
}

#[test]
fn a_file_that_was_moved_is_written_to_until_another_one_can_be_made() {
    let mut scene = Scene::new(3, false);
    scene.write(batch(0));
    scene.disk.move_away("app.log", "elsewhere.log");
    scene.disk.set(Fault::Opens);
    (1..4).for_each(|number| assert_eq!(scene.write(batch(number)), 1, "at once"));
    let moved = scene.disk.files("elsewhere.log")["elsewhere.log"].clone();
    assert_eq!(lines(&moved), (0..4 * EACH).collect::<Vec<_>>(), "also beyond its limit");
    assert!(moved.contains("a log file cannot be opened anew"), "{moved}");
    assert!(scene.errors("open") > 0);
    scene.disk.set(Fault::None);
    scene.write(batch(4));
    assert_eq!(lines(&scene.disk.whole("app.log")), (4 * EACH..5 * EACH).collect::<Vec<_>>());
    // One that was removed is nowhere: lines wait in the queue.
    scene.disk.take("app.log").unwrap();
    scene.disk.set(Fault::Opens);
    let queue = Queue::new(0, Overflow::Block, batch(5));
    assert!(matches!(scene.writer.step(&queue), Step::Failed(_)));
    scene.disk.set(Fault::None);
    assert_eq!(scene.writer.step(&queue), Step::Written);
    assert_eq!(lines(&scene.disk.whole("app.log")), (5 * EACH..6 * EACH).collect::<Vec<_>>());
}

#[test]
fn a_directory_that_is_removed_at_any_call_comes_back_and_costs_no_later_batch() {
    let calls = play(Fault::None, 100, true);
    for call in 0..calls {
        let mut scene = Scene::new(100, true);
        scene.disk.set(Fault::Gone(call));
        let mut gone_at = None;
        for number in 0..BATCHES {
            scene.write(batch(number));
            scene.compress();
            if gone_at.is_none() && scene.disk.calls() > call {
                gone_at = Some(number);
            }
        }
        let kept = lines(&(scene.disk.removed() + &scene.disk.whole("app.log")));
        assert!(kept.is_sorted_by(|a, b| a < b), "{call}: {kept:?}");
        let missing: Vec<_> = (0..BATCHES * EACH).filter(|number| !kept.contains(number)).collect();
        // Between the look and the write, nobody can know.
        let under_way = gone_at.map_or(0..0, |number| number * EACH..(number + 1) * EACH);
        assert!(missing.iter().all(|number| under_way.contains(number)), "{call}: {missing:?}");
    }
}
