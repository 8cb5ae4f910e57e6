//! Ids and traces in headers.

use http::header::{HeaderMap, HeaderName, HeaderValue};

use super::server_metrics::{Reason, refuse};
use crate::context::Context;
use crate::request_id::{MAX_REQUEST_ID_LENGTH, RequestId};
use crate::trace_context::{TraceContext, parse_parent};

pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// The context of a request that came in, and its id as the response is to have it. What is refused is counted.
pub(super) fn receive(headers: &HeaderMap) -> (Context, HeaderValue) {
    let (id, header) = match request_id(headers) {
        Some((id, header)) => (id, header.clone()),
        None => {
            let id = Context::current().request_id().cloned().unwrap_or_else(RequestId::new);
            let header = header_value(&id);
            (id, header)
        }
    };
    let context = Context::with_id(id);
    let trace = match trace(headers) {
        Some(caller) => caller.child(),
        None => begun(&context),
    };
    (context.with_trace(trace), header)
}

fn request_id(headers: &HeaderMap) -> Option<(RequestId, &HeaderValue)> {
    let header = headers.get(REQUEST_ID)?;
    let id = header.to_str().ok().and_then(RequestId::parse);
    if id.is_none() {
        let is_long = header.len() > MAX_REQUEST_ID_LENGTH;
        refuse(&REQUEST_ID, if is_long { Reason::TooLong } else { Reason::Malformed });
    }
    Some((id?, header))
}

/// What the caller says of the trace. Two parents are none.
fn trace(headers: &HeaderMap) -> Option<TraceContext> {
    let mut parents = headers.get_all(TRACEPARENT).iter();
    let parent = parents.next()?;
    let Some(trace) = parse_parent(parent.as_bytes()).filter(|_| parents.next().is_none()) else {
        refuse(&TRACEPARENT, Reason::Malformed);
        return None;
    };
    let states = headers.get_all(TRACESTATE).iter();
    // What is no text is no member either.
    let (trace, is_whole) = trace.with_state(states.map(|state| state.to_str().unwrap_or("=")));
    if !is_whole {
        let is_cut = trace.tracestate().is_some();
        refuse(&TRACESTATE, if is_cut { Reason::TooLong } else { Reason::Malformed });
    }
    Some(trace)
}

fn begun(context: &Context) -> TraceContext {
    let outer = context.trace().map(TraceContext::child);
    outer.unwrap_or_else(|| TraceContext::begin(context.request_id()))
}

/// Puts the current request's id and trace into the headers of a request that goes out. Outside of a request, an id that stands there
/// stays, and so does a trace; else both are new.
pub(super) fn inject(headers: &mut HeaderMap) {
    let context = Context::current();
    let id = match context.request_id() {
        Some(id) => id.clone(),
        None => request_id(headers).map_or_else(RequestId::new, |(id, _)| id),
    };
    let trace = match context.trace() {
        Some(trace) => trace.child(),
        None => trace_of_caller(headers, &id),
    };
    headers.insert(REQUEST_ID, header_value(&id));
    if let Ok(parent) = HeaderValue::try_from(trace.to_string()) {
        headers.insert(TRACEPARENT, parent);
    }
    match trace.tracestate().map(HeaderValue::from_str) {
        Some(Ok(state)) => drop(headers.insert(TRACESTATE, state)),
        _ => drop(headers.remove(TRACESTATE)),
    }
}

fn trace_of_caller(headers: &HeaderMap, id: &RequestId) -> TraceContext {
    trace(headers).unwrap_or_else(|| TraceContext::begin(Some(id)))
}

/// Ids have no character that a header may not have.
fn header_value(id: &RequestId) -> HeaderValue {
    id.with_text(|text| HeaderValue::from_bytes(text).unwrap_or(HeaderValue::from_static("")))
}
