//! Ids and traces in headers.

use bytes::Bytes;
use http::header::{HeaderMap, HeaderName, HeaderValue};

use super::server_metrics::{Reason, refuse};
use crate::context::Context;
use crate::request_id::{MAX_REQUEST_ID_LENGTH, RequestId};
use crate::trace_context::{TraceContext, parse_parent};

pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
/// Of the ids that are made here.
const UUID_LENGTH: usize = 36;
const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// What a request says of itself. One look at each header is less than three searches, since most requests have few.
#[derive(Default)]
struct Said<'a> {
    id: Option<&'a HeaderValue>,
    parent: Option<&'a HeaderValue>,
    /// Two parents are none.
    has_parents: bool,
}

impl<'a> Said<'a> {
    fn in_headers(headers: &'a HeaderMap) -> Self {
        let mut said = Self::default();
        for (name, value) in headers {
            // The first of several ids.
            if *name == REQUEST_ID {
                said.id = said.id.or(Some(value));
            } else if *name == TRACEPARENT {
                said.has_parents |= said.parent.replace(value).is_some();
            }
        }
        said
    }
}

/// The context of a request that came in, and its id as the response is to have it. What is refused is counted.
/// The request began at the moment `ticks`, which was just read.
pub(super) fn receive(headers: &HeaderMap, ticks: u64) -> (Context, HeaderValue) {
    let said = Said::in_headers(headers);
    let (id, header) = match request_id(&said) {
        Some((id, header)) => (id, header.clone()),
        None => {
            let id = RequestId::current().unwrap_or_else(|| RequestId::at(ticks));
            let header = header_value(&id);
            (id, header)
        }
    };
    (Context::of_incoming(id, trace(&said, headers), ticks), header)
}

fn request_id<'a>(said: &Said<'a>) -> Option<(RequestId, &'a HeaderValue)> {
    let header = said.id?;
    let id = header.to_str().ok().and_then(RequestId::parse);
    if id.is_none() {
        let is_long = header.len() > MAX_REQUEST_ID_LENGTH;
        refuse(&REQUEST_ID, if is_long { Reason::TooLong } else { Reason::Malformed });
    }
    Some((id?, header))
}

/// What the caller says of the trace.
fn trace(said: &Said<'_>, headers: &HeaderMap) -> Option<TraceContext> {
    let Some(trace) = parse_parent(said.parent?.as_bytes()).filter(|_| !said.has_parents) else {
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

/// Puts the current request's id and trace into the headers of a request that goes out. Outside of a request, an id that stands there
/// stays, and so does a trace; else both are new.
pub(super) fn inject(headers: &mut HeaderMap) {
    let context = Context::current();
    let id = match context.request_id() {
        Some(id) => id.clone(),
        None => request_id(&Said::in_headers(headers)).map_or_else(RequestId::new, |(id, _)| id),
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
    trace(&Said::in_headers(headers), headers).unwrap_or_else(|| TraceContext::begin(Some(id)))
}

/// Ids have no character that a header may not have.
fn header_value(id: &RequestId) -> HeaderValue {
    let mut text = Vec::with_capacity(UUID_LENGTH);
    id.append_to(&mut text);
    HeaderValue::from_maybe_shared(Bytes::from(text)).unwrap_or(HeaderValue::from_static(""))
}
