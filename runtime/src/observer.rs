//! Where a call's rare events go: to the log pipeline, when the application installed one.

use std::sync::OnceLock;
use std::time::Duration;

use crate::field::Fields;
use crate::outcome::Outcome;
use crate::reentry::{MAKING_ROOM, TELLING};

/// A duration worth a line of its own.
#[derive(Debug)]
#[cfg_attr(not(feature = "telemetry"), expect(dead_code, reason = "only the log pipeline reads it"))]
pub(crate) struct Performance<'a> {
    pub(crate) operation: &'a str,
    /// None where nobody knows it.
    pub(crate) module: Option<&'a str>,
    pub(crate) line: u32,
    pub(crate) duration: Duration,
    /// The time spent in polls; none for what is not a future.
    pub(crate) busy: Option<Duration>,
    pub(crate) outcome: Outcome,
    pub(crate) fields: &'a Fields,
}

/// How grave the log event of an `Err` is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the levels of tracing by their names")]
pub enum Level {
    Trace,
    Debug,
    Info,
    Warn,
    Error,
}

/// An `Err` that its function asked to have logged.
#[derive(Debug)]
#[cfg_attr(not(feature = "telemetry"), expect(dead_code, reason = "only the log pipeline reads it"))]
pub(crate) struct Failure<'a> {
    pub(crate) operation: &'a str,
    pub(crate) module: &'a str,
    pub(crate) line: u32,
    pub(crate) level: Level,
    pub(crate) message: &'a str,
    /// The errors behind it, outermost first.
    pub(crate) causes: &'a [String],
}

/// Takes the records of calls.
pub(crate) trait Observer: Send + Sync {
    fn performance(&self, performance: &Performance<'_>);
    fn failure(&self, failure: &Failure<'_>);
}

static OBSERVER: OnceLock<Box<dyn Observer>> = OnceLock::new();

/// Sends the records of calls to `observer` for the rest of the process.
#[cfg(feature = "telemetry")]
pub(crate) fn observe(observer: Box<dyn Observer>) {
    // A second observer cannot come: `install` has refused a second telemetry before it gets here.
    let _ = OBSERVER.set(observer);
}

/// Tells the observer, where there is one. An annotated allocator that is called meanwhile on this thread, or while
/// room is made for a call, tells it nothing: it would wait for what its own caller holds.
pub(crate) fn tell(what: impl FnOnce(&dyn Observer)) {
    if let Some(observer) = OBSERVER.get().filter(|_| !MAKING_ROOM.is_under_way()) {
        TELLING.run(|| what(&**observer));
    }
}

/// Writes a performance record for a duration that was measured elsewhere, whatever its length. It goes to the log
/// alone, and nowhere where no telemetry is installed.
///
/// ```
/// # use std::time::Duration;
/// tachograph::log_performance("download_file", Duration::from_millis(12_345), [("file_size", 104_857_600)]);
/// ```
#[track_caller]
pub fn log_performance(operation: &str, duration: Duration, fields: impl Into<Fields>) {
    let (line, fields) = (std::panic::Location::caller().line(), fields.into());
    tell(|observer| {
        observer.performance(&Performance {
            operation,
            module: None,
            line,
            duration,
            busy: None,
            outcome: Outcome::Ok,
            fields: &fields,
        });
    });
}
