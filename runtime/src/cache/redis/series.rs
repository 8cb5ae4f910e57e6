//! The metrics of a Redis.

use std::fmt;
use std::sync::OnceLock;

use metrics::{Counter, Histogram};

use super::command::Command;
use super::error_type::ErrorType;
use crate::cache::named::Named;
use crate::cache::requests::Requests;
use crate::names::{ByRecorder, CACHE_CONNECTION_FAILURES, DB_OPERATION_DURATION};

/// The series of one Redis.
pub(super) struct Series {
    name: &'static str,
    handles: ByRecorder<Handles>,
}

/// Their handles.
pub(super) struct Handles {
    name: &'static str,
    pub(super) requests: Requests,
    connection_failures: Counter,
    durations: [Duration; Command::ALL],
}

/// The durations of commands that ended in one way, and those of further ways. Most have one.
#[derive(Default)]
struct Duration(OnceLock<Box<(ErrorType, Histogram, Self)>>);

impl Series {
    pub(super) fn named(name: &'static str) -> &'static Self {
        static NAMED: Named<Series> = Named::new();
        NAMED.get(name, || Self { name, handles: ByRecorder::new() })
    }

    pub(super) fn handles(&self) -> &Handles {
        self.handles.get(|| Handles::of(self.name))
    }
}

impl Handles {
    fn of(name: &'static str) -> Self {
        Self {
            name,
            requests: Requests::of(name),
            connection_failures: CACHE_CONNECTION_FAILURES.counter([name]),
            durations: [const { Duration(OnceLock::new()) }; Command::ALL],
        }
    }

    pub(super) fn count_connection_failure(&self) {
        self.connection_failures.increment(1);
    }

    pub(super) fn duration(&self, command: Command, error: ErrorType) -> &Histogram {
        let mut place = &self.durations[command.index()];
        loop {
            let (known, histogram, next) = &**place.0.get_or_init(|| {
                let labels = ["redis", self.name, command.name(), error.label()];
                Box::new((error, DB_OPERATION_DURATION.histogram(labels), Duration::default()))
            });
            if *known == error {
                return histogram;
            }
            place = next;
        }
    }
}

impl fmt::Debug for Series {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name)
    }
}
