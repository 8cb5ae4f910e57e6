//! The metrics of `axum-prometheus`, alone and with the ids of `tower-http`.

use std::path::Path;

use ::axum_prometheus::PrometheusMetricLayer;
use axum::Router;
use harness::Error;

use super::{Contender, Running, sum_on_page, tower_http};
use crate::service;

pub(crate) const AXUM_PROMETHEUS: Contender = Contender {
    name: "axum-prometheus",
    written: "`PrometheusMetricLayer::pair()`",
    packages: &["axum-prometheus", "metrics-exporter-prometheus"],
    logs: false,
    echo: None,
    start: |_| measured(service::router()),
};

pub(crate) const WITH_TOWER_HTTP: Contender = Contender {
    name: "axum-prometheus+tower-http",
    written: "both, which together are about what *tachograph* is",
    packages: &["axum-prometheus", "tower-http"],
    echo: Some("x-request-id"),
    start: |directory: &Path| {
        let Running { router, recorded } = measured(service::router())?;
        Ok(Running { recorded, ..tower_http::running(directory, tower_http::layered(router))? })
    },
    ..AXUM_PROMETHEUS
};

fn measured(router: Router) -> Result<Running, Error> {
    let (layer, handle) = PrometheusMetricLayer::pair();
    let recorded = move || sum_on_page(&handle.render(), "axum_http_requests_total");
    Ok(Running { router: router.layer(layer), recorded: Some(Box::new(recorded)) })
}
