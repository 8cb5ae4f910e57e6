//! The contenders: each puts its layers around the same service, as its documentation has it.

mod bare;
mod nothing;
mod tachograph;
mod subscriber;
mod tower_http;
mod request_id;
mod axum_prometheus;
mod opentelemetry;
mod axum_tracing;

use std::path::Path;

use axum::Router;
use harness::Error;

pub(crate) struct Contender {
    pub(crate) name: &'static str,
    /// As a user writes it.
    pub(crate) written: &'static str,
    /// The crates whose versions matter.
    pub(crate) packages: &'static [&'static str],
    /// Whether the handler writes a record: then it is beside those that do.
    pub(crate) logs: bool,
    /// A header that its responses must have; none where there is none.
    pub(crate) echo: Option<&'static str>,
    /// Sets up what a program sets up at its start, in its runtime, with its files in a directory.
    pub(crate) start: fn(&Path) -> Result<Running, Error>,
}

/// A contender that has started.
pub(crate) struct Running {
    pub(crate) router: Router,
    /// How many requests it has told of, wherever it tells it: the proof that it records.
    pub(crate) recorded: Recorded,
}

pub(crate) type Recorded = Option<Box<dyn Fn() -> u64 + Send>>;

/// In the order of the tables.
pub(crate) const ALL: [&Contender; 16] = [
    &bare::BARE,
    &bare::AGAIN,
    &nothing::LAYER,
    &nothing::BODY,
    &tachograph::TACHOGRAPH,
    &tower_http::DEFAULT,
    &tower_http::SPAN,
    &request_id::REQUEST_ID,
    &request_id::TOWER_REQUEST_ID,
    &axum_prometheus::AXUM_PROMETHEUS,
    &axum_prometheus::WITH_TOWER_HTTP,
    &opentelemetry::METRICS,
    &opentelemetry::METRICS_AND_SPANS,
    &axum_tracing::AXUM_TRACING,
    &tachograph::LOGGING,
    &tower_http::LOGGING,
];

/// To which all ratios are.
pub(crate) const BARE: &str = bare::BARE.name;
/// What says how to read the others: the noise, and what axum itself takes.
const CONTROLS: [&str; 4] = [BARE, bare::AGAIN.name, nothing::LAYER.name, nothing::BODY.name];
pub(crate) const OWN: [&str; 2] = [tachograph::TACHOGRAPH.name, tachograph::LOGGING.name];

impl Contender {
    pub(crate) fn is_peer(&self) -> bool {
        !CONTROLS.contains(&self.name) && !OWN.contains(&self.name)
    }
}

pub(crate) fn find(name: &str) -> Result<&'static Contender, Error> {
    let found = ALL.into_iter().find(|contender| contender.name == name);
    let names = || ALL.map(|contender| contender.name).join(", ");
    found.ok_or_else(|| format!("{name}: no contender; there are {}", names()).into())
}

/// The sum of a metric over all its series on a page of Prometheus.
fn sum_on_page(page: &str, metric: &str) -> u64 {
    let value = |line: &str| {
        let labels = line.strip_prefix(metric)?;
        labels.starts_with('{').then(|| labels.rsplit_once(' ')?.1.parse::<f64>().ok()).flatten()
    };
    page.lines().filter_map(value).sum::<f64>() as u64
}
