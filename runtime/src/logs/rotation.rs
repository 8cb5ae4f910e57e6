//! When a file is rotated, and which renames that takes. Pure: decides, and touches no disk.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::clock;

/// When files are rotated, and how many backups remain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rotation {
    /// The size that no file passes, save for a single line that is longer; 0: files are never rotated.
    pub(super) max_bytes: u64,
    /// How many files are kept besides the current one; 0: files are never rotated.
    pub(super) backups: u32,
}

impl Rotation {
    /// Whether a file of this size has to be rotated before `length` bytes are appended.
    pub(super) fn is_due(&self, size: u64, length: u64) -> bool {
        self.max_bytes > 0 && self.backups > 0 && size > 0 && size.saturating_add(length) > self.max_bytes
    }

    /// The renames that free the path of the current file, in order, the last being the current file's own.
    ///
    /// Only what stands in the way moves: where a backup is missing, the older ones stay where they are. So a
    /// rotation that failed halfway and is tried again does not push the oldest backups out.
    pub(super) fn renames(&self, current: &Path, exists: impl Fn(&Path) -> bool) -> Vec<(PathBuf, PathBuf)> {
        let free =
            (1..self.backups).find(|number| !exists(&backup(current, *number))).unwrap_or(self.backups);
        let path = |number| if number == 0 { current.to_owned() } else { backup(current, number) };
        (0..free).rev().map(|number| (path(number), path(number + 1))).collect()
    }
}

/// The path of the backup of this number; 1 is the newest.
pub(super) fn backup(current: &Path, number: u32) -> PathBuf {
    let mut name = current.as_os_str().to_owned();
    name.push(format!(".{number}"));
    name.into()
}

/// A pause that doubles with each failure in a row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Backoff {
    first: Duration,
    longest: Duration,
    failures: u32,
    /// In ticks of the clock.
    until: u64,
}

impl Backoff {
    pub(super) const fn new(first: Duration, longest: Duration) -> Self {
        Self { first, longest, failures: 0, until: 0 }
    }

    /// Whether it is time to try again.
    pub(super) const fn is_over(&self, now: u64) -> bool {
        now >= self.until
    }

    /// Notes a failure; gives the pause until the next attempt.
    pub(super) fn failed(&mut self, now: u64) -> Duration {
        let pause = self.first.saturating_mul(1 << self.failures.min(20)).min(self.longest);
        self.failures += 1;
        self.until = now.saturating_add(clock::ticks_in(pause));
        pause
    }

    pub(super) fn succeeded(&mut self) {
        *self = Self::new(self.first, self.longest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROTATION: Rotation = Rotation { max_bytes: 100, backups: 3 };

    fn renames(existing: &[&str]) -> Vec<(String, String)> {
        let renames =
            ROTATION.renames(Path::new("app.log"), |path| existing.iter().any(|known| path == *known));
        let text = |path: PathBuf| path.display().to_string();
        renames.into_iter().map(|(from, to)| (text(from), text(to))).collect()
    }

    fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
        expected.iter().map(|(from, to)| (from.to_string(), to.to_string())).collect()
    }

    #[test]
    fn a_file_is_rotated_before_it_would_pass_the_limit() {
        assert!(!ROTATION.is_due(60, 40));
        assert!(ROTATION.is_due(60, 41));
        assert!(!ROTATION.is_due(0, 1_000), "an empty file gains nothing by a rotation");
        assert!(!Rotation { max_bytes: 0, backups: 3 }.is_due(u64::MAX, 1));
        assert!(!Rotation { max_bytes: 100, backups: 0 }.is_due(100, 1));
    }

    #[test]
    fn backups_move_up_and_the_oldest_is_replaced() {
        let full = [("app.log.2", "app.log.3"), ("app.log.1", "app.log.2"), ("app.log", "app.log.1")];
        assert_eq!(renames(&["app.log.1", "app.log.2", "app.log.3"]), pairs(&full));
        assert_eq!(renames(&["app.log.1", "app.log.2"]), pairs(&full));
        assert_eq!(renames(&[]), pairs(&[("app.log", "app.log.1")]));
    }

    #[test]
    fn only_what_stands_in_the_way_moves() {
        let expected = [("app.log.1", "app.log.2"), ("app.log", "app.log.1")];
        assert_eq!(renames(&["app.log.1", "app.log.3", "app.log.10", "app.log.1.gz"]), pairs(&expected));
    }

    #[test]
    fn pauses_double_up_to_the_longest_and_start_again_after_a_success() {
        let seconds = Duration::from_secs;
        let mut backoff = Backoff::new(seconds(1), seconds(5));
        assert!(backoff.is_over(0));
        assert_eq!([(); 4].map(|()| backoff.failed(7)), [1, 2, 4, 5].map(seconds));
        assert!(!backoff.is_over(7 + 4_999_999_999) && backoff.is_over(7 + 5_000_000_000));
        backoff.succeeded();
        assert!(backoff.is_over(0));
        assert_eq!(backoff.failed(0), seconds(1));
    }
}
