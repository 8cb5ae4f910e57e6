//! The metrics of caches in the process.

use std::fmt;

use metrics::{Counter, Histogram};

use super::named::Named;
use super::operation::Operation;
use super::requests::Requests;
use crate::names::{ByRecorder, CACHE_EVICTED, CACHE_EVICTIONS, CACHE_OPERATION_DURATION, CACHE_OPERATIONS};

/// Why a cache gave a value up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Eviction {
    /// The cache was full.
    Size,
    /// The value was too old.
    Expired,
    /// Another value took its place, under the same key.
    Replaced,
    /// The program took it out.
    Explicit,
}

/// The series of one cache.
pub(super) struct Series {
    name: &'static str,
    handles: ByRecorder<Handles>,
}

/// Their handles, in the order of the labels.
pub(super) struct Handles {
    pub(super) requests: Requests,
    durations: [Histogram; CACHE_OPERATIONS.len()],
    evicted: [Counter; CACHE_EVICTIONS.len()],
}

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
            requests: Requests::of(name),
            durations: CACHE_OPERATIONS
                .map(|operation| CACHE_OPERATION_DURATION.histogram([name, operation])),
            evicted: CACHE_EVICTIONS.map(|reason| CACHE_EVICTED.counter([name, reason])),
        }
    }

    pub(super) const fn duration(&self, operation: Operation) -> &Histogram {
        &self.durations[operation as usize]
    }

    pub(super) const fn evicted(&self, reason: Eviction) -> &Counter {
        &self.evicted[reason as usize]
    }
}

impl fmt::Debug for Series {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_stand_in_the_order_of_what_they_mean() {
        assert_eq!(CACHE_OPERATIONS[Operation::Get as usize], "get");
        assert_eq!(CACHE_OPERATIONS[Operation::Load as usize], "load");
        assert_eq!(CACHE_OPERATIONS[Operation::Insert as usize], "insert");
        assert_eq!(CACHE_OPERATIONS[Operation::Remove as usize], "remove");
        assert_eq!(CACHE_EVICTIONS[Eviction::Size as usize], "size");
        assert_eq!(CACHE_EVICTIONS[Eviction::Expired as usize], "expired");
        assert_eq!(CACHE_EVICTIONS[Eviction::Replaced as usize], "replaced");
        assert_eq!(CACHE_EVICTIONS[Eviction::Explicit as usize], "explicit");
    }
}
