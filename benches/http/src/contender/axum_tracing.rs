//! The spans of `axum-tracing-opentelemetry`, over `tracing-opentelemetry` and the SDK.

use ::opentelemetry::trace::TracerProvider;
use axum_tracing_opentelemetry::middleware::{OtelAxumLayer, OtelInResponseLayer};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::opentelemetry::tracers;
use super::{Contender, Running};
use crate::service;

pub(crate) const AXUM_TRACING: Contender = Contender {
    name: "axum-tracing-opentelemetry",
    written: "`OtelAxumLayer`, `OtelInResponseLayer`, spans of the level `info`; `tracing_opentelemetry::layer()` over \
              `SdkTracerProvider` with a batch exporter in the process",
    packages: &["axum-tracing-opentelemetry", "tracing-opentelemetry", "opentelemetry_sdk"],
    logs: false,
    echo: Some("traceparent"),
    start: |_| {
        let (exporter, provider) = tracers();
        let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("app"));
        tracing_subscriber::registry().with(LevelFilter::INFO).with(layer).try_init()?;
        let router = service::router().layer(OtelInResponseLayer).layer(OtelAxumLayer::default());
        let recorded = move || exporter.flushed(&provider);
        Ok(Running { router, recorded: Some(Box::new(recorded)) })
    },
};
