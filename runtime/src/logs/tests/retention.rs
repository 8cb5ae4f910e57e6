//! Which backups remain: by number, by size of all together, by age; and rotation by day.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::memory_disk::MemoryDisk;
use super::*;
use crate::clock::manual::Clock;
use crate::logs::batch::Batch;

const DAY: Duration = Duration::from_secs(86_400);

struct Scene {
    disk: MemoryDisk,
    clock: Clock,
    writer: Writer,
}

impl Scene {
    /// At midnight of a day, with what is there.
    fn new(disk: MemoryDisk, settings: LogSettings) -> Self {
        let clock = Clock::at(0);
        clock.set_unix_time(20_000 * DAY);
        let writer = writer(&settings, &disk, &Arc::default());
        Self { disk, clock, writer }
    }

    fn write(&mut self, line: &str, route: Route) {
        let mut batch = Batch::default();
        batch.push(format!("{line}\n").as_bytes(), route);
        assert_eq!(self.writer.step(&Queue::new(0, Overflow::Block, batch)), Step::Written);
    }

    fn names(&self) -> Vec<String> {
        self.disk
            .files("app")
            .into_iter()
            .filter(|(_, text)| !text.is_empty())
            .map(|(name, _)| name)
            .collect()
    }

    fn total(&self) -> usize {
        self.disk.files("app").values().map(String::len).sum()
    }
}

#[test]
fn all_logs_together_never_pass_their_limit_and_the_oldest_backup_goes_first() {
    let limited = LogSettings { max_total_bytes: 500, ..settings(Path::new(""), 100, 10) };
    let mut scene = Scene::new(MemoryDisk::default(), limited);
    for number in 0..200 {
        let route = if number % 5 == 0 { Route::EVERYDAY.and(Log::Error) } else { Route::EVERYDAY };
        scene.write(&format!("{number:024}"), route);
        scene.clock.advance(Duration::from_secs(1));
        assert!(scene.total() <= 500, "{number}: {}", scene.total());
    }
    assert!(scene.total() > 400, "no more than necessary: {}", scene.total());
    let main = scene.disk.whole("app.log");
    let last: Vec<u64> = main.lines().map(|line| line.parse().unwrap()).collect();
    assert_eq!(last, (last[0]..200).collect::<Vec<_>>(), "the newest");
}

#[test]
fn backups_of_yesterday_are_not_the_ones_that_go_while_older_ones_are_there() {
    let disk = MemoryDisk::default();
    disk.put("app.log.1", &[b'a'; 100], 19_999 * DAY);
    disk.put("app-error.log.1", &[b'b'; 100], 19_990 * DAY);
    disk.put("app-performance.log.7", &[b'c'; 100], 19_980 * DAY);
    disk.put("app.log.11", &[b'd'; 100], 100 * DAY);
    disk.put("app-other.log.1", &[b'e'; 100], 100 * DAY);
    let limited = LogSettings { max_total_bytes: 300, ..settings(Path::new(""), 100, 10) };
    let mut scene = Scene::new(disk, limited);
    scene.write("a line", Route::EVERYDAY);
    assert_eq!(scene.names(), ["app-error.log.1", "app-other.log.1", "app.log", "app.log.1", "app.log.11"]);
}

#[test]
fn current_files_that_were_there_before_count_and_stay() {
    let disk = MemoryDisk::default();
    disk.put("app-error.log", &[b'\n'; 290], 100 * DAY);
    disk.put("app.log.1", &[b'a'; 20], 200 * DAY);
    let limited = LogSettings { max_total_bytes: 300, ..settings(Path::new(""), 100, 10) };
    let mut scene = Scene::new(disk, limited);
    scene.write("a line", Route::EVERYDAY);
    assert_eq!(scene.names(), ["app-error.log", "app.log"]);
}

#[test]
fn backups_go_when_they_are_too_old_and_neighbours_stay() {
    let disk = MemoryDisk::default();
    disk.put("app.log.1", b"1\n", 19_999 * DAY);
    disk.put("app.log.2", b"2\n", 19_993 * DAY);
    disk.put("app-error.log.3", b"3\n", 19_992 * DAY);
    // Nobody asked for compression: it is not of this log.
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(b"5\n").unwrap();
    disk.put("app.log.1.gz", &gzip.finish().unwrap(), 100 * DAY);
    disk.put("app.log.old", b"4\n", 100 * DAY);
    let limited = LogSettings { max_age: Some(7 * DAY), ..settings(Path::new(""), 1_000, 10) };
    let mut scene = Scene::new(disk, limited);
    scene.write("a line", Route::EVERYDAY);
    assert_eq!(scene.names(), ["app.log", "app.log.1", "app.log.1.gz", "app.log.2", "app.log.old"]);
    // A program that rotates seldom looks again every hour.
    scene.clock.advance(Duration::from_secs(30 * 60));
    scene.write("a line", Route::EVERYDAY);
    assert_eq!(scene.names().len(), 5);
    scene.clock.advance(Duration::from_secs(30 * 60));
    scene.write("a line", Route::EVERYDAY);
    assert_eq!(scene.names(), ["app.log", "app.log.1", "app.log.1.gz", "app.log.old"]);
}

#[test]
fn a_day_is_over_at_midnight_of_utc_and_its_file_becomes_the_newest_backup() {
    let daily = LogSettings { rotation: LogRotation::Daily, ..settings(Path::new(""), 10, 2) };
    let disk = MemoryDisk::default();
    disk.put("app.log", b"the day before\n", 19_999 * DAY + DAY / 2);
    let mut scene = Scene::new(disk, daily);
    scene.write("first of the day", Route::EVERYDAY);
    scene.clock.advance(DAY - Duration::from_secs(1));
    scene.write("last of the day", Route::EVERYDAY);
    assert_eq!(scene.names(), ["app.log", "app.log.1"], "whatever its size");
    scene.clock.advance(Duration::from_secs(1));
    scene.write("the day after", Route::EVERYDAY);
    // Days without a record have no file.
    scene.clock.advance(5 * DAY);
    scene.write("later", Route::EVERYDAY);
    let files = scene.disk.files("app.log");
    let expected = [
        ("app.log", "later\n"),
        ("app.log.1", "the day after\n"),
        ("app.log.2", "first of the day\nlast of the day\n"),
    ];
    assert_eq!(files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect::<Vec<_>>(), expected);
}
