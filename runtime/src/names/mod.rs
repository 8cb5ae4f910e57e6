//! Every metric by its name, with its type, its unit and its labels.
//!
//! What stands on a page of metrics stands here first: the runtime emits no metric of another name, and the rules and
//! dashboards of `alerts/` ask for no other. Names follow the [semantic conventions of
//! OpenTelemetry](https://opentelemetry.io/docs/specs/semconv/) in the spelling of Prometheus where there is one.
//!
//! ```
//! let calls = tachograph::names::all().find(|metric| metric.name == "function_calls_total");
//! let outcomes = calls.and_then(|calls| calls.label("outcome")).map(|outcome| outcome.values);
//! let all = tachograph::names::Values::OneOf(&["ok", "error", "panic", "cancelled"]);
//! assert_eq!(outcomes, Some(all));
//! ```
#![doc = include_str!("names.md")]

mod metric;
#[cfg(feature = "facade")]
mod handles;
#[cfg(any(feature = "cache", feature = "downloads", feature = "sqlx"))]
mod by_recorder;
mod functions;
mod process;
mod telemetry;
mod http;
mod database;
mod cache;
mod downloads;
mod workers;

pub use self::metric::{Kind, Label, Metric, Unit, Values};

#[cfg(any(feature = "cache", feature = "downloads", feature = "sqlx"))]
pub(crate) use self::by_recorder::ByRecorder;
#[cfg(feature = "cache")]
pub(crate) use self::cache::*;
#[cfg(any(feature = "redis", feature = "sqlx"))]
pub(crate) use self::database::*;
#[cfg(feature = "downloads")]
pub(crate) use self::downloads::*;
#[cfg(feature = "telemetry")]
pub(crate) use self::functions::*;
#[cfg(any(feature = "http", feature = "sqlx", feature = "workers"))]
pub(crate) use self::handles::recorder;
#[cfg(feature = "http")]
pub(crate) use self::http::*;
#[cfg(feature = "telemetry")]
pub(crate) use self::process::*;
#[cfg(feature = "telemetry")]
pub(crate) use self::telemetry::*;
#[cfg(feature = "workers")]
pub(crate) use self::workers::*;

/// The metrics of one kind of thing.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// What they are of.
    pub title: &'static str,
    /// They themselves.
    pub metrics: &'static [&'static Metric],
}

/// In the order of the page.
const PARTS: [&Part; 9] = [
    &functions::PART,
    &functions::SERVICE_LEVELS,
    &http::PART,
    &database::PART,
    &cache::PART,
    &workers::PART,
    &downloads::PART,
    &telemetry::PART,
    &process::PART,
];

/// All metrics by what they are of.
pub fn parts() -> impl Iterator<Item = &'static Part> {
    PARTS.into_iter()
}

/// All metrics, those of features that are off among them.
///
/// Each stands on the page from the start of what it is of, with all of its closed values; see there.
pub fn all() -> impl Iterator<Item = &'static Metric> {
    parts().flat_map(|part| part.metrics.iter().copied())
}

/// What the page has from elsewhere than the facade, which must leave these names alone, also where a value is absent.
#[cfg(feature = "telemetry")]
pub(crate) fn exposed_directly() -> impl Iterator<Item = &'static Metric> {
    let parts = [&functions::PART, &functions::SERVICE_LEVELS, &telemetry::PART, &process::PART];
    parts.into_iter().flat_map(|part| part.metrics.iter().copied())
}

#[cfg(test)]
mod tests;
