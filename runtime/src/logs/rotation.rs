//! When a file is rotated. Pure: decides, and touches no disk.

use std::time::Duration;

use crate::clock;

/// When log files are rotated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogRotation {
    /// Before a file would pass its limit, `LOG_MAX_BYTES`.
    #[default]
    Size,
    /// With the first record of a new day in UTC, however large a file is.
    Daily,
    /// By either, whichever comes first.
    Both,
}

/// When a file is rotated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rotation {
    /// The size that no file passes, save for a single line that is longer; 0: none.
    pub(super) max_bytes: u64,
    pub(super) is_daily: bool,
}

const DAY: u64 = 24 * 60 * 60;

impl Rotation {
    /// Where no backup is kept, files are never rotated.
    pub(super) fn new(rotation: LogRotation, max_bytes: u64, backups: u32) -> Self {
        let max_bytes = if rotation == LogRotation::Daily || backups == 0 { 0 } else { max_bytes };
        Self { max_bytes, is_daily: rotation != LogRotation::Size && backups > 0 }
    }

    /// Whether a file of this size has to be rotated before `length` bytes are appended.
    pub(super) fn is_full(&self, size: u64, length: u64) -> bool {
        self.max_bytes > 0 && size > 0 && size.saturating_add(length) > self.max_bytes
    }

    /// Whether a file of this size, last written at that time, is another day's. Both times are since the Unix epoch.
    pub(super) const fn is_old(&self, size: u64, modified: Duration, now: Duration) -> bool {
        self.is_daily && size > 0 && modified.as_secs() / DAY < now.as_secs() / DAY
    }
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

    #[test]
    fn a_file_is_rotated_before_it_would_pass_the_limit() {
        let rotation = Rotation::new(LogRotation::Size, 100, 3);
        assert!(!rotation.is_full(60, 40));
        assert!(rotation.is_full(60, 41));
        assert!(!rotation.is_full(0, 1_000), "an empty file gains nothing by a rotation");
        assert!(!Rotation::new(LogRotation::Size, 0, 3).is_full(u64::MAX, 1));
        assert!(!Rotation::new(LogRotation::Size, 100, 0).is_full(100, 1));
    }

    #[test]
    fn a_file_is_rotated_when_a_day_of_utc_is_over() {
        let at = Duration::from_secs;
        let (evening, midnight) = (at(20_000 * DAY - 1), at(20_000 * DAY));
        for rotation in [LogRotation::Daily, LogRotation::Both] {
            let rotation = Rotation::new(rotation, 100, 3);
            assert!(rotation.is_old(1, evening, midnight) && rotation.is_old(1, at(0), midnight));
            assert!(!rotation.is_old(1, midnight, midnight) && !rotation.is_old(1, evening, evening));
            assert!(!rotation.is_old(1, midnight, evening), "a clock that goes back rotates nothing");
            assert!(!rotation.is_old(0, evening, midnight), "an empty file gains nothing by a rotation");
        }
        assert!(!Rotation::new(LogRotation::Size, 100, 3).is_old(1, evening, midnight));
        assert!(!Rotation::new(LogRotation::Daily, 100, 0).is_old(1, evening, midnight));
    }

    #[test]
    fn by_day_alone_no_size_is_too_large() {
        assert!(!Rotation::new(LogRotation::Daily, 100, 3).is_full(100, 1));
        assert!(Rotation::new(LogRotation::Both, 100, 3).is_full(100, 1));
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
