//! Ours: the layer, and all that `tachograph::init` starts but the console.

use std::path::Path;

use ::tachograph::http::ServerLayer;
use ::tachograph::{Console, Telemetry};
use axum::Router;
use harness::Error;

use super::{Contender, Running, sum_on_page};
use crate::service;

pub(crate) const TACHOGRAPH: Contender = Contender {
    name: "tachograph",
    written: "`ServerLayer::new()`; exporter and log files on, no record",
    packages: &["tachograph"],
    logs: false,
    echo: Some("x-request-id"),
    start: |directory| running(directory, service::router()),
};

pub(crate) const LOGGING: Contender = Contender {
    name: "tachograph-logging",
    written: "the same, and `info!` in the handler",
    logs: true,
    start: |directory| running(directory, service::router_that_logs()),
    ..TACHOGRAPH
};

fn running(directory: &Path, router: Router) -> Result<Running, Error> {
    let builder = ::tachograph::builder("app").log_dir(directory).level("info").console(Console::Off);
    let telemetry: Telemetry = builder.metrics_addr("127.0.0.1:0").install()?;
    let recorded = move || sum_on_page(&telemetry.render(), "http_server_request_duration_seconds_count");
    Ok(Running { router: router.layer(ServerLayer::new()), recorded: Some(Box::new(recorded)) })
}
