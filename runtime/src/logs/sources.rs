//! What becomes a record besides the events of `tracing`: calls that took long or failed, and panics.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::fmt;
use std::panic::PanicHookInfo;
use std::thread;
use std::time::Duration;

use super::Logs;
use super::encode;
use super::format::Place;
use super::members::Sink;
use super::names::Name;
use super::record::{Origin, Record};
use super::route::{Log, Route};
use crate::clock;
use crate::observer::{Failure, Level, Performance};

/// How long a panic waits for its record to be written.
const PANIC_FLUSH: Duration = Duration::from_secs(1);

const OPERATION: Name<'static> = Name::fixed(b",\"operation\":");
const DURATION_SECONDS: Name<'static> = Name::fixed(b",\"duration_seconds\":");
const DURATION_MS: Name<'static> = Name::fixed(b",\"duration_ms\":");
const BUSY_MS: Name<'static> = Name::fixed(b",\"busy_ms\":");
const OUTCOME: Name<'static> = Name::fixed(b",\"outcome\":");
const CAUSES: Name<'static> = Name::fixed(b",\"causes\":");
const THREAD: Name<'static> = Name::fixed(b",\"thread\":");
const LOCATION: Name<'static> = Name::fixed(b",\"location\":");
const BACKTRACE: Name<'static> = Name::fixed(b",\"backtrace\":");
const FROM: Name<'static> = Name::fixed(b",\"from\":");
const TO: Name<'static> = Name::fixed(b",\"to\":");
const BY: Name<'static> = Name::fixed(b",\"by\":");

impl Logs {
    /// Writes a performance record: always to the performance log, and to the others if they take `INFO`.
    pub(crate) fn performance(&self, performance: &Performance<'_>, passes_info: bool) {
        let place = Place {
            level: Level::Info,
            logger: &self.0.performance_logger,
            module: performance.module,
            function: Some(performance.operation),
            file: None,
            line: Some(performance.line),
        };
        let route = if passes_info { Route::PERFORMANCE.or(Route::EVERYDAY) } else { Route::PERFORMANCE };
        self.compose(&place, |record| {
            record.message(format_args!("Performance: {}", performance.operation));
            // First these, so that no field of the same name can take their place.
            record.add_text(&OPERATION, performance.operation);
            record.add_plain(&DURATION_SECONDS, |out| encode::seconds(out, performance.duration));
            record.add_plain(&DURATION_MS, |out| encode::millis(out, performance.duration));
            if let Some(busy) = performance.busy {
                record.add_plain(&BUSY_MS, |out| encode::millis(out, busy));
            }
            record.add_text(&OUTCOME, performance.outcome.as_str());
            for (name, value) in performance.fields.iter() {
                record.add_named(name, value);
            }
            record.add_context();
            self.submit(record.finish(), route);
        });
    }

    /// Composes a record of now.
    fn compose(&self, place: &Place<'_>, compose: impl FnOnce(&mut Record<'_>)) {
        Record::compose(&self.0.parts.format, clock::unix_time(), Origin::Place(place), compose);
    }

    /// Writes what an `Err` says.
    pub(crate) fn failure(&self, failure: &Failure<'_>) {
        let place = Place {
            level: failure.level,
            logger: failure.module,
            module: Some(failure.module),
            function: Some(failure.operation),
            file: None,
            line: Some(failure.line),
        };
        let route =
            if failure.level == Level::Error { Route::EVERYDAY.and(Log::Error) } else { Route::EVERYDAY };
        self.compose(&place, |record| {
            record.message(format_args!("{}", failure.message));
            record.add_text(&self.0.parts.format.field("error"), failure.message);
            record.add_texts(&CAUSES, failure.causes);
            record.add_context();
            self.submit(record.finish(), route);
        });
    }

    /// Writes who wanted something else to be logged, and what: whatever the level is.
    pub(crate) fn level_changed(&self, from: &impl fmt::Display, to: &impl fmt::Display, by: &str) {
        let (from, to) = (from.to_string(), to.to_string());
        self.compose(&Place::nowhere(Level::Info, "tachograph"), |record| {
            let what = if from == to { "is as wanted already" } else { "changed" };
            record.message(format_args!("log level {what}"));
            record.add_text(&FROM, &from);
            record.add_text(&TO, &to);
            record.add_text(&BY, by);
            record.add_context();
            self.submit(record.finish(), Route::EVERYDAY);
        });
    }

    /// Writes a panic, and waits a moment until it is in the files: the process may end right after.
    pub(crate) fn panic(&self, info: &PanicHookInfo<'_>) {
        let location = info.location();
        let place = Place {
            file: location.map(|location| location.file()),
            line: location.map(|location| location.line()),
            ..Place::nowhere(Level::Error, "panic")
        };
        self.compose(&place, |record| {
            match info.payload_as_str() {
                Some(text) => record.message(format_args!("panicked: {text}")),
                None => record.message(format_args!("panicked with a value that is not a text")),
            }
            record.add_text(&THREAD, thread::current().name().unwrap_or("unnamed"));
            if let Some(location) = location {
                record.add_printed(&LOCATION, format_args!("{location}"));
            }
            // Captured only where RUST_BACKTRACE or RUST_LIB_BACKTRACE asks for it.
            let backtrace = Backtrace::capture();
            if backtrace.status() == BacktraceStatus::Captured {
                record.add_printed(&BACKTRACE, format_args!("{backtrace}"));
            }
            record.add_context();
            self.submit(record.finish(), Route::EVERYDAY.and(Log::Error));
        });
        // What cannot be written in time stays queued, and the counters tell.
        let _ = self.flush(PANIC_FLUSH);
    }
}
