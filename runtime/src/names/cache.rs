//! Caches, in the process and elsewhere.

use super::Part;
use super::metric::{Label, Metric, any, counter, durations, one_of};

/// Whether a value was there.
pub(crate) const CACHE_RESULTS: [&str; 2] = ["hit", "miss"];
/// What is done with a cache in the process.
pub(crate) const CACHE_OPERATIONS: [&str; 4] = ["get", "load", "insert", "remove"];
/// Why a value is no longer there.
pub(crate) const CACHE_EVICTIONS: [&str; 4] = ["size", "expired", "replaced", "explicit"];

const CACHE: Label = any("cache", "the name that the program gave the cache");

pub(crate) const CACHE_REQUESTS: Metric = counter(
    "cache_requests_total",
    "Values that a cache was asked for, by whether they were there.",
    &[CACHE, one_of("result", &CACHE_RESULTS)],
);
pub(crate) const CACHE_OPERATION_DURATION: Metric = durations(
    "cache_operation_duration_seconds",
    "How long operations on a cache in the process took.",
    &[CACHE, one_of("operation", &CACHE_OPERATIONS)],
);
pub(crate) const CACHE_EVICTED: Metric = counter(
    "cache_evictions_total",
    "Values that a cache in the process gave up.",
    &[CACHE, one_of("reason", &CACHE_EVICTIONS)],
);
pub(crate) const CACHE_CONNECTION_FAILURES: Metric = counter(
    "cache_connection_failures_total",
    "Commands and attempts to connect that failed because there was no connection, or because it broke.",
    &[CACHE],
);

pub(super) const PART: Part = Part {
    title: "Caches (features `cache`, `redis`)",
    metrics: &[&CACHE_REQUESTS, &CACHE_OPERATION_DURATION, &CACHE_EVICTED, &CACHE_CONNECTION_FAILURES],
};
