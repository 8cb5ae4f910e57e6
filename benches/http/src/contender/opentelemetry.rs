//! The layer of OpenTelemetry, over its SDK with exporters that take all and keep the counts.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ::opentelemetry::global;
use opentelemetry_instrumentation_tower::http::server::Layer;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::metrics::data::{AggregatedMetrics, MetricData, ResourceMetrics};
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;
use opentelemetry_sdk::metrics::{PeriodicReader, SdkMeterProvider, Temporality};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData, SpanExporter};

use super::{Contender, Running};
use crate::service;

pub(crate) const METRICS: Contender = Contender {
    name: "opentelemetry-tower",
    written: "`http::server::Layer::new()`; `SdkMeterProvider` with a `PeriodicReader` and an exporter in the process, no tracer",
    packages: &["opentelemetry-instrumentation-tower", "opentelemetry_sdk"],
    logs: false,
    echo: None,
    start: |_| {
        let (exporter, provider) = meters();
        let recorded = move || {
            let _ = provider.force_flush();
            exporter.0.load(Ordering::Relaxed)
        };
        Ok(Running { router: service::router().layer(Layer::new()), recorded: Some(Box::new(recorded)) })
    },
};

pub(crate) const METRICS_AND_SPANS: Contender = Contender {
    name: "opentelemetry-tower+spans",
    written: "the same, and `SdkTracerProvider` with a batch exporter in the process",
    start: |_| {
        drop(meters());
        let (exporter, provider) = tracers();
        global::set_tracer_provider(provider.clone());
        let recorded = move || exporter.flushed(&provider);
        Ok(Running { router: service::router().layer(Layer::new()), recorded: Some(Box::new(recorded)) })
    },
    ..METRICS
};

/// The meters of the program, and what they export.
fn meters() -> (Requests, SdkMeterProvider) {
    let exporter = Requests::default();
    let reader = PeriodicReader::builder(exporter.clone()).build();
    let provider = SdkMeterProvider::builder().with_reader(reader).build();
    global::set_meter_provider(provider.clone());
    (exporter, provider)
}

/// Tracers with the SDK's batches, which sample all, and what they export.
pub(super) fn tracers() -> (Spans, SdkTracerProvider) {
    global::set_text_map_propagator(TraceContextPropagator::new());
    let exporter = Spans::default();
    (exporter.clone(), SdkTracerProvider::builder().with_batch_exporter(exporter).build())
}

/// How many requests the histogram of their durations had when it was last exported.
#[derive(Clone, Default)]
struct Requests(Arc<AtomicU64>);

impl PushMetricExporter for Requests {
    async fn export(&self, metrics: &ResourceMetrics) -> OTelSdkResult {
        let metrics = metrics.scope_metrics().flat_map(|scope| scope.metrics());
        let durations = metrics.filter(|metric| metric.name() == "http.server.request.duration");
        let counts = durations.map(|metric| match metric.data() {
            AggregatedMetrics::F64(MetricData::Histogram(all)) => {
                all.data_points().map(|point| point.count()).sum()
            }
            _ => 0,
        });
        self.0.store(counts.sum(), Ordering::Relaxed);
        Ok(())
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }

    fn temporality(&self) -> Temporality {
        Temporality::Cumulative
    }
}

/// How many spans were exported.
#[derive(Clone, Debug, Default)]
pub(super) struct Spans(Arc<AtomicU64>);

impl Spans {
    pub(super) fn flushed(&self, provider: &SdkTracerProvider) -> u64 {
        let _ = provider.force_flush();
        self.0.load(Ordering::Relaxed)
    }
}

impl SpanExporter for Spans {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.0.fetch_add(batch.len() as u64, Ordering::Relaxed);
        Ok(())
    }
}
