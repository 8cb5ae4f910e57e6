//! The trace that a request is part of, as W3C Trace Context (level 1, 2021) has it.

use std::fmt;
use std::str;
use std::sync::Arc;

use crate::clock;
use crate::request_id::{RequestId, made};

/// The most bytes of `tracestate` that are kept, as the standard asks for at least.
const MAX_STATE: usize = 512;
/// The most members of `tracestate`.
const MAX_MEMBERS: usize = 32;

/// Where in a distributed trace the running code is: what the headers `traceparent` and `tracestate` say.
///
/// ```
/// use tachograph::TraceContext;
/// let caller = TraceContext::parse("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", ["vendor=7"]).unwrap();
/// let here = caller.child();
/// assert_eq!(here.trace_id(), "0af7651916cd43dd8448eb211c80319c");
/// assert_ne!(here.span_id(), caller.span_id());
/// assert_eq!(here.tracestate(), Some("vendor=7"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TraceContext {
    trace_id: u128,
    span_id: u64,
    is_sampled: bool,
    state: Option<Arc<str>>,
}

impl TraceContext {
    /// A trace that begins here. Where the request's id was made by this crate, the trace has the same digits. It is marked as sampled:
    /// its ids stand in the records, and services that trace by the decision of their caller would else leave it out.
    pub fn begin(request: Option<&RequestId>) -> Self {
        Self::begin_at(request, clock::ticks())
    }

    /// The same at a moment that was read already.
    pub(crate) fn begin_at(request: Option<&RequestId>, ticks: u64) -> Self {
        let trace_id = request.and_then(RequestId::as_uuid).unwrap_or_else(|| new_trace_id(ticks));
        Self { trace_id, span_id: new_span_id(ticks), is_sampled: true, state: None }
    }

    /// What the headers say; none where `traceparent` is malformed. A `tracestate` that is malformed is left out, and of one that is
    /// longer than 512 bytes the members at its end are.
    pub fn parse<'a>(traceparent: &str, tracestate: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        Some(parse_parent(traceparent.as_bytes())?.with_state(tracestate).0)
    }

    /// Another step of the same trace: with a span id of its own.
    #[must_use]
    pub fn child(&self) -> Self {
        self.clone().into_child(clock::ticks())
    }

    /// The same at a moment that was read already.
    pub(crate) fn into_child(self, ticks: u64) -> Self {
        Self { span_id: new_span_id(ticks), ..self }
    }

    /// 32 hexadecimal digits, the same in all services.
    pub fn trace_id(&self) -> String {
        format!("{:032x}", self.trace_id)
    }

    /// 16 hexadecimal digits, of this step alone.
    pub fn span_id(&self) -> String {
        format!("{:016x}", self.span_id)
    }

    /// Whether the caller asked for the trace to be kept.
    pub const fn is_sampled(&self) -> bool {
        self.is_sampled
    }

    /// What vendors keep with the trace, as it came.
    pub fn tracestate(&self) -> Option<&str> {
        self.state.as_deref()
    }

    /// With what the headers `tracestate` say, and whether all of it was kept.
    pub(crate) fn with_state<'a>(mut self, headers: impl IntoIterator<Item = &'a str>) -> (Self, bool) {
        let (state, is_whole) = parse_state(headers);
        self.state = state;
        (self, is_whole)
    }
}

/// Displays `traceparent`.
impl fmt::Display for TraceContext {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "00-{:032x}-{:016x}-{:02x}", self.trace_id, self.span_id, u8::from(self.is_sampled))
    }
}

/// Never nought: one of its bits is the variant of a UUID.
fn new_span_id(ticks: u64) -> u64 {
    made::uuid_v7_at(ticks)[1]
}

fn new_trace_id(ticks: u64) -> u128 {
    let [high, low] = made::uuid_v7_at(ticks);
    u128::from(high) << 64 | u128::from(low)
}

/// Without its `tracestate`. Later versions may have more at the end, behind a dash.
pub(crate) fn parse_parent(header: &[u8]) -> Option<TraceContext> {
    let (known, rest) = header.split_at_checked(55)?;
    let version = hex(&known[..2])? as u8;
    let fits = match version {
        0 => rest.is_empty(),
        0xff => false,
        _ => rest.first().is_none_or(|byte| *byte == b'-'),
    };
    if !fits || [known[2], known[35], known[52]] != *b"---" {
        return None;
    }
    let (trace_id, span_id) = (hex(&known[3..35])?, hex(&known[36..52])? as u64);
    let is_sampled = hex(&known[53..])? & 1 == 1;
    (trace_id != 0 && span_id != 0).then_some(TraceContext { trace_id, span_id, is_sampled, state: None })
}

/// Lower-case digits alone.
fn hex(digits: &[u8]) -> Option<u128> {
    digits.iter().try_fold(0, |number, digit| {
        let digit = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'f' => digit - b'a' + 10,
            _ => return None,
        };
        Some(number << 4 | u128::from(digit))
    })
}

/// The members of all headers, and whether they were all kept. One malformed member spoils the whole.
fn parse_state<'a>(headers: impl IntoIterator<Item = &'a str>) -> (Option<Arc<str>>, bool) {
    let mut state = String::new();
    let mut keys: Vec<&str> = Vec::new();
    let mut is_whole = true;
    for member in headers.into_iter().flat_map(|header| header.split(',')) {
        let member = member.trim_matches([' ', '\t']);
        if member.is_empty() {
            continue;
        }
        let key = member.split_once('=').filter(|(key, value)| is_key(key) && is_state_value(value));
        let Some((key, _)) = key else { return (None, false) };
        if keys.len() == MAX_MEMBERS || keys.contains(&key) {
            return (None, false);
        }
        keys.push(key);
        is_whole &= state.len() + 1 + member.len() <= MAX_STATE;
        if is_whole {
            state.extend([if state.is_empty() { "" } else { "," }, member]);
        }
    }
    ((!state.is_empty()).then(|| state.into()), is_whole)
}

/// A name, or a tenant and a system with `@` between them.
fn is_key(key: &str) -> bool {
    let fits = |part: &str, first: fn(&u8) -> bool, most: usize| {
        let rest = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-*/".contains(byte);
        part.len() <= most && part.as_bytes().first().is_some_and(first) && part.as_bytes().iter().all(rest)
    };
    let letter = u8::is_ascii_lowercase;
    match key.split_once('@') {
        Some((tenant, system)) => {
            fits(tenant, |byte| byte.is_ascii_lowercase() || byte.is_ascii_digit(), 241)
                && fits(system, letter, 14)
        }
        None => fits(key, letter, 256),
    }
}

fn is_state_value(value: &str) -> bool {
    let fits = |byte: u8| matches!(byte, b' '..=b'~') && byte != b'=';
    (1..=256).contains(&value.len()) && value.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn what_came_is_what_is_sent_on() {
        let trace = TraceContext::parse(PARENT, ["a=1, b@c=2 ,", "d=3"]).unwrap();
        assert_eq!(trace.to_string(), PARENT);
        assert_eq!(trace.tracestate(), Some("a=1,b@c=2,d=3"));
        let child = trace.child();
        assert_eq!(child.to_string()[..36], PARENT[..36]);
        assert_ne!(child.span_id(), trace.span_id());
    }

    #[test]
    fn a_later_version_may_say_more() {
        let later = format!("cc{}-what-will-be", &PARENT[2..]);
        assert_eq!(TraceContext::parse(&later, []).unwrap().to_string(), PARENT);
        assert_eq!(TraceContext::parse(&later[..55], []).unwrap().to_string(), PARENT);
    }

    #[test]
    fn a_malformed_parent_is_none() {
        for malformed in [
            "",
            "00",
            &PARENT[..54],
            &format!("{PARENT}-"),
            &format!("{PARENT}0"),
            &format!("ff{}", &PARENT[2..]),
            &format!("cc{}x", &PARENT[2..]),
            &PARENT.to_uppercase(),
            &PARENT.replace('-', "_"),
            &PARENT.replace("0af7651916cd43dd8448eb211c80319c", &"0".repeat(32)),
            &PARENT.replace("b7ad6b7169203331", &"0".repeat(16)),
            &PARENT.replace("b7ad", "\u{e9}ad"),
            &PARENT.replace("b7ad", "+7ad"),
            &"0".repeat(1 << 20),
        ] {
            assert_eq!(TraceContext::parse(malformed, []), None, "{malformed:.80}");
        }
    }

    #[test]
    fn a_malformed_state_is_left_out_and_the_trace_is_kept() {
        let many: Vec<_> = (0..33).map(|member| format!("m{member}=1")).collect();
        for malformed in
            ["a", "A=1", "=1", "a=", "a=b=c", "a=1,a=2", "a=\u{1}", "1@1=x", "é=1", &many.join(",")]
        {
            let (trace, is_whole) = parse_parent(PARENT.as_bytes()).unwrap().with_state([malformed]);
            assert_eq!((trace.tracestate(), is_whole), (None, false), "{malformed:?}");
        }
    }

    #[test]
    fn of_a_long_state_whole_members_are_kept_from_its_beginning() {
        let member = |key: &str| format!("{key}={}", "x".repeat(200));
        let long = [member("a"), member("b"), member("c"), "d=1".into()].join(",");
        let (trace, is_whole) = parse_parent(PARENT.as_bytes()).unwrap().with_state([long.as_str()]);
        assert_eq!(trace.tracestate().unwrap(), [member("a"), member("b")].join(","));
        assert!(!is_whole);
    }

    #[test]
    fn a_trace_that_begins_with_a_request_has_its_digits() {
        let id = RequestId::new();
        assert_eq!(TraceContext::begin(Some(&id)).trace_id(), id.to_string().replace('-', ""));
        let named = RequestId::parse("order-17");
        assert_eq!(TraceContext::begin(named.as_ref()).trace_id().len(), 32);
    }
}
