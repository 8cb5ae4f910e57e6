//! Ids of the crates that are named after them, in a span of `tower-http`.

use ::request_id::MakeRequestUuid;
use ::tower_http::trace::TraceLayer;
use axum::body::Body;
use axum::http::Request;
use tower_http_of_request_id::request_id::{PropagateRequestIdLayer, RequestId, SetRequestIdLayer};
use tower_request_id::RequestIdLayer;
use tracing::{error_span, info_span};

use super::tower_http::running;
use super::{Contender, Running};
use crate::service;

pub(crate) const REQUEST_ID: Contender = Contender {
    name: "request-id",
    written: "`request_id::MakeRequestUuid` in the `SetRequestIdLayer` of tower-http 0.5, for which it is made; \
              `TraceLayer` as in *tower-http*",
    packages: &["request-id", "tower-http", "uuid", "tracing-subscriber"],
    logs: false,
    echo: Some("x-request-id"),
    start: |directory| {
        let trace = TraceLayer::new_for_http().make_span_with(|request: &Request<Body>| {
            let id = request.extensions().get::<RequestId>();
            let id = id.and_then(|id| id.header_value().to_str().ok()).unwrap_or_default();
            info_span!("request", request_id = id, method = %request.method(), uri = %request.uri())
        });
        let router = service::router()
            .layer(PropagateRequestIdLayer::x_request_id())
            .layer(trace)
            .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid));
        running(directory, router)
    },
};

pub(crate) const TOWER_REQUEST_ID: Contender = Contender {
    name: "tower-request-id",
    written: "its example: `RequestIdLayer`, and `TraceLayer` with an `error_span!` of id, method and URI; no header in the response",
    packages: &["tower-request-id", "tower-http", "ulid", "tracing-subscriber"],
    logs: false,
    echo: None,
    start: |directory| -> Result<Running, harness::Error> {
        let trace = TraceLayer::new_for_http().make_span_with(|request: &Request<Body>| {
            let id = request.extensions().get::<tower_request_id::RequestId>();
            let id = id.map_or_else(|| "unknown".into(), ToString::to_string);
            error_span!("request", id = %id, method = %request.method(), uri = %request.uri())
        });
        running(directory, service::router().layer(trace).layer(RequestIdLayer))
    },
};
