//! What the pipeline counts about itself.

use std::sync::atomic::{AtomicU64, Ordering};

use super::route::{Log, Route};
use crate::names::{LOG_DROPPED, LOG_ERRORS, LOG_OPERATIONS as OPERATIONS, LOG_REASONS as REASONS};
use crate::names::{LOG_RECORDS, LOG_ROTATIONS, Metric};

/// Why a record did not get to a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// The queue was full while the files could not be written, or the console's while its reader stood still.
    QueueFull = 0,
    /// It could not be written, and nobody waited any longer.
    WriteFailed = 1,
    /// It came after the end, while the writer was still stuck.
    Shutdown = 2,
    /// Its call site wrote more than `LOG_RATE_LIMIT` allows.
    RateLimited = 3,
}

/// What failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    Write = 0,
    Rotate = 1,
    /// A file that was moved or deleted, to be made anew.
    Open = 2,
    /// A backup.
    Compress = 3,
    /// Backups that are too many or too old, to be removed.
    Prune = 4,
}

/// The reasons for which records are missing that somebody wanted.
pub(super) const LOSSES: usize = 3;

/// Of one log.
#[derive(Debug, Default)]
struct Counts {
    records: AtomicU64,
    dropped: [AtomicU64; REASONS.len()],
    errors: [AtomicU64; OPERATIONS.len()],
    rotations: AtomicU64,
}

/// Of all logs.
#[derive(Debug, Default)]
pub(super) struct Counters([Counts; Log::ALL.len()]);

/// One counter of the metrics page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) metric: &'static Metric,
    /// The value of the label `log`.
    pub(crate) log: &'static str,
    /// A second label.
    pub(crate) label: Option<(&'static str, &'static str)>,
    pub(crate) value: u64,
}

impl Counters {
    pub(super) fn written(&self, log: Log, records: u64) {
        self.of(log).records.fetch_add(records, Ordering::Relaxed);
    }

    pub(super) fn dropped(&self, log: Log, reason: Reason) {
        self.dropped_many(log, reason, 1);
    }

    pub(super) fn dropped_many(&self, log: Log, reason: Reason, records: u64) {
        self.of(log).dropped[reason as usize].fetch_add(records, Ordering::Relaxed);
    }

    /// Counts a record that none of its logs gets.
    pub(super) fn dropped_everywhere(&self, route: Route, reason: Reason) {
        for log in Log::ALL.into_iter().filter(|log| route.goes_to(*log)) {
            self.dropped(log, reason);
        }
    }

    pub(super) fn failed(&self, log: Log, operation: Operation) {
        self.of(log).errors[operation as usize].fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn rotated(&self, log: Log) {
        self.of(log).rotations.fetch_add(1, Ordering::Relaxed);
    }

    /// How many records of a log were lost so far, by reason.
    pub(super) fn drops(&self, log: Log) -> [(&'static str, u64); LOSSES] {
        let counts = &self.of(log).dropped;
        std::array::from_fn(|reason| (REASONS[reason], counts[reason].load(Ordering::Relaxed)))
    }

    /// How many for whatever reason, but that somebody wanted it.
    #[cfg(test)]
    pub(super) fn all_dropped(&self, log: Log) -> u64 {
        self.drops(log).iter().map(|(_, count)| count).sum()
    }

    /// All of them, each with every value of its labels, in an order fit for a metrics page.
    pub(super) fn snapshot(&self) -> Vec<Count> {
        let mut page = Vec::new();
        let mut add = |metric, log: Log, label, count: &AtomicU64| {
            page.push(Count { metric, log: log.as_str(), label, value: count.load(Ordering::Relaxed) });
        };
        for log in Log::ALL {
            add(&LOG_RECORDS, log, None, &self.of(log).records);
        }
        for log in Log::ALL {
            for (reason, count) in REASONS.into_iter().zip(&self.of(log).dropped) {
                add(&LOG_DROPPED, log, Some(("reason", reason)), count);
            }
        }
        for log in Log::ALL {
            // Of a console there is nothing but to write to it.
            let operations = if log == Log::Console { &OPERATIONS[..1] } else { &OPERATIONS };
            for (operation, count) in operations.iter().copied().zip(&self.of(log).errors) {
                add(&LOG_ERRORS, log, Some(("operation", operation)), count);
            }
        }
        for log in Log::FILES {
            add(&LOG_ROTATIONS, log, None, &self.of(log).rotations);
        }
        page
    }

    fn of(&self, log: Log) -> &Counts {
        &self.0[log as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_series_is_there_from_the_start_and_once() {
        let page = Counters::default().snapshot();
        assert_eq!(page.len(), 4 + 4 * 4 + (3 * 5 + 1) + 3);
        assert!(page.iter().all(|count| count.value == 0));
        for (position, count) in page.iter().enumerate() {
            assert!(!page[..position].contains(count), "{count:?}");
        }
    }

    #[test]
    fn a_record_dropped_everywhere_counts_in_each_of_its_logs() {
        let counters = Counters::default();
        counters.dropped_everywhere(Route::EVERYDAY.and(Log::Error), Reason::QueueFull);
        let dropped = Log::ALL.map(|log| counters.all_dropped(log));
        assert_eq!(dropped, [1, 1, 0, 1]);
    }
}
