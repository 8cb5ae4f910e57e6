//! Requests over HTTP.

use super::Part;
use super::metric::{Label, Metric, any, counter, durations, gauge, one_of, sizes};

/// Those that are known by name, and one for all others: a client may send any.
pub(crate) const HTTP_METHODS: [&str; 11] =
    ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "QUERY", "_OTHER"];

const METHOD: Label = one_of("method", &HTTP_METHODS);
const ROUTE: Label =
    any("route", "the template, such as `/users/{id}`, or `unmatched`; beyond 1,000 of them `__overflow__`");
const STATUS_CODE: Label = any("status_code", "three digits");

pub(crate) const HTTP_SERVER_DURATION: Metric = durations(
    "http_server_request_duration_seconds",
    "How long requests took, from the head to the last byte of the response.",
    &[METHOD, ROUTE, STATUS_CODE],
);
pub(crate) const HTTP_SERVER_ACTIVE: Metric =
    gauge("http_server_active_requests", "Requests under way.", &[METHOD]);
pub(crate) const HTTP_SERVER_REQUEST_SIZE: Metric = sizes(
    "http_server_request_body_size_bytes",
    "Sizes of the bodies of requests, as announced.",
    &[METHOD, ROUTE],
);
pub(crate) const HTTP_SERVER_RESPONSE_SIZE: Metric = sizes(
    "http_server_response_body_size_bytes",
    "Sizes of the bodies of responses, as sent.",
    &[METHOD, ROUTE],
);
pub(crate) const HTTP_SERVER_ABORTED: Metric = counter(
    "http_server_aborted_requests_total",
    "Requests whose handler panicked or failed, or whose client went away, before the end of the response.",
    &[METHOD, ROUTE, one_of("error_type", &["panic", "cancelled", "error"])],
);
pub(crate) const HTTP_SERVER_REFUSED: Metric = counter(
    "http_server_refused_headers_total",
    "Headers of requests that were ignored.",
    &[
        one_of("header", &["x-request-id", "traceparent", "tracestate"]),
        one_of("reason", &["malformed", "too_long"]),
    ],
);
pub(crate) const HTTP_CLIENT_DURATION: Metric = durations(
    "http_client_request_duration_seconds",
    "How long requests to others took, until the head of the response.",
    &[
        METHOD,
        any("server_address", "the host of the URI, or `unknown`; beyond 1,000 of them `__overflow__`"),
        any("status_code", "three digits, or nothing where there was no response"),
        one_of("error_type", &["", "timeout", "connection", "cancelled", "other"]),
    ],
);

pub(super) const PART: Part = Part {
    title: "HTTP (features `http`, `axum`, `reqwest`)",
    metrics: &[
        &HTTP_SERVER_DURATION,
        &HTTP_SERVER_ACTIVE,
        &HTTP_SERVER_REQUEST_SIZE,
        &HTTP_SERVER_RESPONSE_SIZE,
        &HTTP_SERVER_ABORTED,
        &HTTP_SERVER_REFUSED,
        &HTTP_CLIENT_DURATION,
    ],
};
