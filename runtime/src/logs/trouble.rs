//! What the log says about itself: that it could not be written, what that cost, and why.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::counters::{Counters, LOSSES, Operation};
use super::encode;
use super::format::{Format, Place};
use super::members::Sink;
use super::names::Name;
use super::record::{Origin, Record};
use super::rotation::Backoff;
use super::route::Log;
use super::timestamp::Stamp;
use crate::clock;
use crate::observer::Level;

/// Remembers failures until the log has told about them.
pub(super) struct Trouble {
    format: Arc<Format>,
    current: Option<Failure>,
    /// What was dropped of each file when the log last told about it.
    told: [[u64; LOSSES]; Log::FILES.len()],
    /// Between two notices on stderr: a storm of failures must not become one of messages.
    backoff: Backoff,
}

struct Failure {
    /// Since the Unix epoch.
    since: Duration,
    error: String,
    path: String,
    /// Stderr has been told.
    is_noticed: bool,
}

/// Within the first, a storm comes to two lines, which is some five hundred bytes.
const FIRST_SILENCE: Duration = Duration::from_secs(10 * 60);
const LONGEST_SILENCE: Duration = Duration::from_secs(24 * 60 * 60);

/// What is shown of a path on stderr: its end, which tells more.
const PATH_CHARACTERS: usize = 100;

impl Trouble {
    pub(super) fn new(format: Arc<Format>) -> Self {
        let backoff = Backoff::new(FIRST_SILENCE, LONGEST_SILENCE);
        Self { format, current: None, told: Default::default(), backoff }
    }

    /// A file could not be written; gives what stderr is to be told.
    pub(super) fn failed(&mut self, path: &Path, error: &io::Error) -> Option<Vec<u8>> {
        if self.current.is_some() {
            return None;
        }
        let now = clock::ticks();
        let is_noticed = self.backoff.is_over(now);
        if is_noticed {
            self.backoff.failed(now);
        }
        let path = end_of(path);
        let error = error.to_string();
        let notice = is_noticed.then(|| {
            self.line(Level::Error, "a log file cannot be written, and is tried again", |record| {
                record.add_text(&Name::of("path"), &path);
                record.add_text(&Name::of("error"), &error);
            })
        });
        self.current = Some(Failure { since: clock::unix_time(), error, path, is_noticed });
        notice
    }

    /// Everything was written again, and the log has told what is missing; gives what stderr is to be told.
    pub(super) fn is_over(&mut self) -> Option<Vec<u8>> {
        let Failure { since, path, is_noticed, .. } = self.current.take()?;
        is_noticed.then(|| {
            self.line(Level::Info, "the log file is written again", |record| {
                record.add_text(&Name::of("path"), &path);
                let seconds = clock::unix_time().saturating_sub(since);
                record.add_plain(&Name::of("after_seconds"), |out| encode::seconds(out, seconds));
            })
        })
    }

    /// What the log has to say about records that are missing, if any are that it has not told about.
    pub(super) fn losses(&self, counters: &Counters) -> Option<(Vec<u8>, Told)> {
        let drops = Log::FILES.map(|log| counters.drops(log));
        let counts = drops.map(|reasons| reasons.map(|(_, count)| count));
        if counts == self.told {
            return None;
        }
        let new = |log: Log| {
            let (now, before) = (counts[log as usize], self.told[log as usize]);
            now.iter().sum::<u64>() - before.iter().sum::<u64>()
        };
        let text = self.line(Level::Warn, "log records were dropped", |record| {
            let mut number = |name, count: u64| {
                record.add_plain(&Name::of(name), |out| encode::number(out, count));
            };
            number("dropped", new(Log::Main));
            number("dropped_in_all", counts[Log::Main as usize].iter().sum());
            for (name, log) in [("dropped_errors", Log::Error), ("dropped_performance", Log::Performance)] {
                if new(log) > 0 {
                    number(name, new(log));
                }
            }
            // Each reason by the log that lost most by it: most records go to several.
            for (index, (reason, _)) in drops[0].iter().enumerate() {
                let lost = (0..Log::FILES.len()).map(|log| counts[log][index] - self.told[log][index]);
                match lost.max() {
                    Some(count) if count > 0 => number(reason, count),
                    _ => {}
                }
            }
            if let Some(Failure { since, error, .. }) = &self.current {
                let mut stamp = Stamp::default();
                let since = str::from_utf8(stamp.write(*since)).unwrap_or_default();
                record.add_text(&Name::of("since"), since);
                record.add_text(&Name::of("error"), error);
            }
        });
        Some((text, Told(counts)))
    }

    /// What the log says when a file cannot be rotated, or made anew.
    pub(super) fn complaint(&self, operation: Operation, path: &Path, error: &io::Error) -> Vec<u8> {
        let message = match operation {
            Operation::Open => "a log file cannot be opened anew: the one that is open is written to",
            _ => "a log file cannot be rotated, and grows",
        };
        self.line(Level::Warn, message, |record| {
            record.add_printed(&Name::of("path"), format_args!("{}", path.display()));
            record.add_printed(&Name::of("error"), format_args!("{error}"));
        })
    }

    fn line(&self, level: Level, message: &str, add: impl FnOnce(&mut Record<'_>)) -> Vec<u8> {
        let place = Place::nowhere(level, "tachograph");
        Record::compose(&self.format, clock::unix_time(), Origin::Place(&place), |record| {
            record.message(format_args!("{message}"));
            add(record);
            record.finish().to_vec()
        })
    }

    /// The log has told.
    pub(super) fn told(&mut self, told: &Told) {
        self.told = told.0;
    }
}

/// What was dropped when the log told about it.
pub(super) struct Told([[u64; LOSSES]; Log::FILES.len()]);

fn end_of(path: &Path) -> String {
    let text = path.display().to_string();
    let skipped = text.chars().count().saturating_sub(PATH_CHARACTERS);
    text.chars().skip(skipped).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::manual::Clock;
    use crate::logs::counters::Reason;
    use crate::logs::{LogFormat, MAX_RECORD_BYTES};

    fn trouble() -> Trouble {
        Trouble::new(Arc::new(Format::new(LogFormat::default(), "app", MAX_RECORD_BYTES)))
    }

    fn full() -> io::Error {
        io::ErrorKind::StorageFull.into()
    }

    #[test]
    fn a_storm_of_failures_is_not_one_of_messages() {
        let clock = Clock::at(0);
        let path = Path::new("/a").join("very-long-name".repeat(100)).join("app.log");
        let (mut trouble, mut notices) = (trouble(), Vec::new());
        for _ in 0..10_000 {
            notices.extend(trouble.failed(&path, &full()));
            notices.extend(trouble.failed(&path, &full()));
            notices.extend(trouble.is_over());
            clock.advance(Duration::from_millis(50));
        }
        assert_eq!(notices.len(), 2, "the first failure, and its end");
        assert!(notices.iter().map(Vec::len).sum::<usize>() < 1_000);
        let texts = notices.concat();
        assert!(String::from_utf8(texts).unwrap().contains("name/app.log"), "the end of the path");
        // A failure much later is news, and so is its end.
        clock.advance(Duration::from_secs(600));
        assert!(trouble.failed(&path, &full()).is_some() && trouble.is_over().is_some());
        assert!(trouble.failed(&path, &full()).is_none() && trouble.is_over().is_none());
    }

    #[test]
    fn losses_are_told_once_with_their_reasons_and_by_log() {
        let (mut trouble, counters) = (trouble(), Counters::default());
        assert!(trouble.losses(&counters).is_none());
        counters.dropped_many(Log::Main, Reason::QueueFull, 5);
        counters.dropped_many(Log::Error, Reason::QueueFull, 2);
        counters.dropped_many(Log::Performance, Reason::WriteFailed, 3);
        trouble.failed(Path::new("app.log"), &full());
        let (line, told) = trouble.losses(&counters).unwrap();
        let extra = serde_json::from_slice::<serde_json::Value>(&line).unwrap()["extra"].take();
        for (name, count) in [
            ("dropped", 5),
            ("dropped_in_all", 5),
            ("dropped_errors", 2),
            ("dropped_performance", 3),
            ("queue_full", 5),
            ("write_failed", 3),
        ] {
            assert_eq!(extra[name], count, "{name}: {extra}");
        }
        assert_eq!(extra.as_object().unwrap().len(), 8, "and since when, and the error: {extra}");
        trouble.told(&told);
        assert!(trouble.losses(&counters).is_none());
        counters.dropped(Log::Main, Reason::Shutdown);
        let (line, _) = trouble.losses(&counters).unwrap();
        let extra = serde_json::from_slice::<serde_json::Value>(&line).unwrap()["extra"].take();
        assert_eq!((&extra["dropped"], &extra["dropped_in_all"]), (&1.into(), &6.into()), "{extra}");
    }
}
