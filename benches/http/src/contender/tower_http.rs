//! The spans and the ids of `tower-http`.

use std::path::Path;

use ::tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, RequestId, SetRequestIdLayer};
use ::tower_http::trace::TraceLayer;
use axum::Router;
use axum::http::Request;
use harness::Error;
use tracing::{Span, info_span};

use super::{Contender, Running, subscriber};
use crate::service;

pub(crate) const DEFAULT: Contender = Contender {
    name: "tower-http-default",
    written: "`TraceLayer::new_for_http()`, whose span and events are of the level `debug` and are not taken at `info`; \
              `SetRequestIdLayer` with `MakeRequestUuid`, `PropagateRequestIdLayer`",
    packages: &["tower-http", "uuid", "tracing-subscriber"],
    logs: false,
    echo: Some("x-request-id"),
    start: |directory| {
        let router = service::router()
            .layer(PropagateRequestIdLayer::x_request_id())
            .layer(TraceLayer::new_for_http())
            .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid));
        running(directory, router)
    },
};

pub(crate) const SPAN: Contender = Contender {
    name: "tower-http",
    written: "the same with `make_span_with` an `info_span!` of method, URI and id, so that records have the id",
    start: |directory| running(directory, layered(service::router())),
    ..DEFAULT
};

pub(crate) const LOGGING: Contender = Contender {
    name: "tower-http-logging",
    written: "the same, and `info!` in the handler",
    packages: &["tower-http", "uuid", "tracing-subscriber", "tracing-appender"],
    logs: true,
    start: |directory| running(directory, layered(service::router_that_logs())),
    ..DEFAULT
};

/// With a span that has the id, and the id in the response.
pub(super) fn layered(router: Router) -> Router {
    router
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(TraceLayer::new_for_http().make_span_with(span::<axum::body::Body>))
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
}

fn span<B>(request: &Request<B>) -> Span {
    let id = request.extensions().get::<RequestId>();
    let id = id.and_then(|id| id.header_value().to_str().ok()).unwrap_or_default();
    info_span!("request", request_id = id, method = %request.method(), uri = %request.uri())
}

pub(super) fn running(directory: &Path, router: Router) -> Result<Running, Error> {
    subscriber::install(directory)?;
    Ok(Running { router, recorded: None })
}
