//! `metrics-exporter-prometheus` as a program uses it that records durations and outcomes.

use std::time::Instant;

use metrics::{Counter, Histogram, Key, Label, with_recorder};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use crate::Error;
use crate::work::Answer;

/// The bounds of every histogram with bounds of its own, in seconds.
pub const BOUNDS: [f64; 12] =
    [0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 1.0];

pub fn install() -> Result<PrometheusHandle, Error> {
    Ok(PrometheusBuilder::new().set_buckets(&BOUNDS)?.install_recorder()?)
}

/// The metrics of a function, looked up once.
pub struct Handles {
    duration: Histogram,
    ok: Counter,
    error: Counter,
}

impl Handles {
    pub fn of(function: &'static str) -> Self {
        const METADATA: metrics::Metadata<'static> =
            metrics::Metadata::new(module_path!(), metrics::Level::INFO, Some(module_path!()));
        let labels = || vec![Label::new("function", function), Label::new("module", module_path!())];
        let outcome = |outcome| {
            let mut labels = labels();
            labels.push(Label::new("outcome", outcome));
            let key = Key::from_parts("function_calls_total", labels);
            with_recorder(|recorder| recorder.register_counter(&key, &METADATA))
        };
        let key = Key::from_parts("function_duration_seconds", labels());
        Self {
            duration: with_recorder(|recorder| recorder.register_histogram(&key, &METADATA)),
            ok: outcome("ok"),
            error: outcome("error"),
        }
    }

    #[inline]
    pub fn record(&self, started: Instant, answer: &Answer) {
        self.duration.record(started.elapsed().as_secs_f64());
        let calls = if answer.is_ok() { &self.ok } else { &self.error };
        calls.increment(1);
    }
}
