//! Requests over HTTP: what came in, what goes out, and one id in both.
//!
//! ```text
//! headers ─► RequestId, TraceContext ─► Context ─► handler ─► response, and its body ─► headers, metrics     server
//!                                          └─► headers ─► inner client ─► metrics                           client
//! ```
//!
//! [`ServerLayer`] goes around the services of axum, hyper, tonic and whatever else is a `tower_service::Service` of
//! requests; [`ClientLayer`] around clients of that kind; [`send`](fn@send) (feature `reqwest`) sends a request of reqwest.
//!
//! # Headers
//! - `x-request-id`: one that [`RequestId::parse`](crate::RequestId::parse) takes becomes the id of the request; else it is
//!   replaced by a new one. Every response carries it. A service that fails with an error has no response: the error goes on as it
//!   is, and what makes a response of it outside of the layer has no id to give. Put the layer around what handles errors.
//! - `traceparent` and `tracestate` ([W3C Trace Context](https://www.w3.org/TR/trace-context-1/)): the trace goes on, with a span id of
//!   its own for the request. One that is malformed is ignored, and a trace begins. `trace_id` and `span_id` are fields of every record.
//!
//! # Metrics
//! They are listed in [`names`](crate::names): `http_server_*` of what came in, `http_client_*` of what went out.
//!
//! - `method` is one of the nine of RFC 9110 and RFC 5789, `QUERY`, or `_OTHER`.
//! - `route` is the template, such as `/users/{id}`, never the path; `unmatched` where there is none. It and `server_address` have
//!   1,000 values at most; further ones are `__overflow__`, and counted in `tachograph_series_dropped_total`.
//! - A request lasts from its head until the last byte of its response was given to the server. The size of a request's body
//!   is the announced one. Of a body whose size is not announced (`transfer-encoding: chunked`) it is what the handler read of it, where the body is
//!   axum's and the feature `axum` is on; else nothing is recorded.
//! - A handler that panics, or a service that fails, counts as `status_code="500"`, and the panic goes on. Where the client goes away before there is a response it
//!   is `499`, as in nginx; where it goes away before the end of the response, the response's own status. Each is counted as
//!   aborted besides: `panic`, `error` (also of a body that fails) or `cancelled`.
//! - A request that goes out lasts until the head of its response. Where there is none, `status_code` is empty and `error_type`
//!   is not.

mod headers;
mod method;
mod series;
mod server_metrics;
mod under_way;
mod response;
#[cfg(feature = "axum")]
mod request_body;
mod server;
mod client_metrics;
mod client;
#[cfg(feature = "reqwest")]
mod requests;

pub use self::client::{Client, ClientFuture, ClientLayer};
#[cfg(feature = "reqwest")]
pub use self::requests::send;
pub use self::response::{ResponseBody, ResponseFuture};
pub use self::server::{Server, ServerLayer};
