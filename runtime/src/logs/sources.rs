//! What becomes a record besides the events of `tracing`: calls that took long or failed, and panics.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::panic::PanicHookInfo;
use std::thread;
use std::time::Duration;

use super::Logs;
use super::encode::{self, Head};
use super::record::Record;
use super::route::{Log, Route};
use crate::clock;
use crate::observer::{Failure, Level, Performance};

/// How long a panic waits for its record to be written.
const PANIC_FLUSH: Duration = Duration::from_secs(1);

impl Logs {
    /// Writes a performance record: always to the performance log, and to the others if they take `INFO`.
    pub(crate) fn performance(&self, performance: &Performance<'_>, passes_info: bool) {
        let head = Head {
            time: clock::unix_time(),
            level: Level::Info,
            logger: &self.0.performance_logger,
            module: performance.module,
            function: Some(performance.operation),
            line: Some(performance.line),
        };
        let route = if passes_info { Route::PERFORMANCE.or(Route::EVERYDAY) } else { Route::PERFORMANCE };
        Record::compose(|record| {
            record.message(format_args!("Performance: {}", performance.operation));
            let fields = &mut record.fields;
            // First these, so that no field of the same name can take their place.
            fields.add_text("operation", performance.operation);
            fields.add_plain("duration_seconds", |out| encode::seconds(out, performance.duration));
            fields.add_plain("duration_ms", |out| encode::millis(out, performance.duration));
            if let Some(busy) = performance.busy {
                fields.add_plain("busy_ms", |out| encode::millis(out, busy));
            }
            fields.add_text("outcome", performance.outcome.as_str());
            for (name, value) in performance.fields.iter() {
                fields.add_value(name, value);
            }
            record.add_context();
            self.submit(record.encode(&head), route);
        });
    }

    /// Writes what an `Err` says.
    pub(crate) fn failure(&self, failure: &Failure<'_>) {
        let head = Head {
            time: clock::unix_time(),
            level: failure.level,
            logger: failure.module,
            module: Some(failure.module),
            function: Some(failure.operation),
            line: Some(failure.line),
        };
        let route =
            if failure.level == Level::Error { Route::EVERYDAY.and(Log::Error) } else { Route::EVERYDAY };
        Record::compose(|record| {
            record.message(format_args!("{}", failure.message));
            record.fields.add_text("error", failure.message);
            record.fields.add_texts("causes", failure.causes);
            record.add_context();
            self.submit(record.encode(&head), route);
        });
    }

    /// Writes a panic, and waits a moment until it is in the files: the process may end right after.
    pub(crate) fn panic(&self, info: &PanicHookInfo<'_>) {
        let location = info.location();
        let head = Head {
            time: clock::unix_time(),
            level: Level::Error,
            logger: "panic",
            module: None,
            function: None,
            line: location.map(|location| location.line()),
        };
        Record::compose(|record| {
            match info.payload_as_str() {
                Some(text) => record.message(format_args!("panicked: {text}")),
                None => record.message(format_args!("panicked with a value that is not a text")),
            }
            record.fields.add_text("thread", thread::current().name().unwrap_or("unnamed"));
            if let Some(location) = location {
                record.fields.add_printed("location", format_args!("{location}"));
            }
            // Captured only where RUST_BACKTRACE or RUST_LIB_BACKTRACE asks for it.
            let backtrace = Backtrace::capture();
            if backtrace.status() == BacktraceStatus::Captured {
                record.fields.add_printed("backtrace", format_args!("{backtrace}"));
            }
            record.add_context();
            self.submit(record.encode(&head), Route::EVERYDAY.and(Log::Error));
        });
        // What cannot be written in time stays queued, and the counters tell.
        let _ = self.flush(PANIC_FLUSH);
    }
}
