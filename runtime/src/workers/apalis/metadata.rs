//! What a task tells of whoever put it into the queue.

use std::convert::Infallible;
use std::time::Duration;

use apalis_core::task::builder::TaskBuilder;
use apalis_core::task::metadata::{Metadata, MetadataStore};

use crate::clock;
use crate::context::Context;
use crate::request_id::RequestId;
use crate::trace_context::TraceContext;

const REQUEST_ID: &str = "request_id";
const TRACEPARENT: &str = "traceparent";
const TRACESTATE: &str = "tracestate";
const ENQUEUED_AT: &str = "enqueued_at";

/// A task of the current request, enqueued now: to be built and pushed.
///
/// ```
/// use apalis_core::task::metadata::Meta;
/// use tachograph::{Context, workers::apalis::task};
///
/// let task = tachograph::with_request_id("order-17", || task("https://example.com/").max_attempts(3).build());
/// let context = task.metadata().extract_as::<Context>().unwrap();
/// assert_eq!(context.request_id().map(ToString::to_string).as_deref(), Some("order-17"));
/// ```
pub fn task<Args>(args: Args) -> TaskBuilder<Args> {
    TaskBuilder::new(args).metadata(&Context::current()).metadata(&Enqueued::now())
}

/// The request's id and its trace, as `request_id`, `traceparent` and `tracestate`; what stands there gives way. The fields of the context
/// stay behind. An id or a trace that is malformed or absent is none.
impl Metadata for Context {
    type Error = Infallible;

    fn extract(store: &MetadataStore) -> Result<Self, Infallible> {
        let id = store.get(REQUEST_ID).and_then(RequestId::parse);
        let trace =
            store.get(TRACEPARENT).and_then(|parent| TraceContext::parse(parent, store.get(TRACESTATE)));
        Ok(Self::of_request(id, trace))
    }

    fn inject(&self, store: &mut MetadataStore) -> Result<(), Infallible> {
        let trace = self.trace();
        let texts = [
            (REQUEST_ID, self.request_id().map(ToString::to_string)),
            (TRACEPARENT, trace.map(ToString::to_string)),
            (TRACESTATE, trace.and_then(TraceContext::tracestate).map(str::to_owned)),
        ];
        for (key, text) in texts {
            match text {
                Some(text) => drop(store.replace(key, text)),
                None => drop(store.remove(key)),
            }
        }
        Ok(())
    }
}

/// When a task was put into the queue, by the clock of that machine: `enqueued_at`, in microseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Enqueued(Option<u64>);

impl Enqueued {
    /// This moment.
    pub fn now() -> Self {
        Self(u64::try_from(clock::unix_time().as_micros()).ok())
    }

    /// How long it was in the queue by now, where it was due from its beginning or from `run_at` on, in seconds. Clocks that disagree make it
    /// nought.
    pub(super) fn waited(self, run_at: Option<u64>) -> Option<Duration> {
        let enqueued = Duration::from_micros(self.0?);
        let due = enqueued.max(Duration::from_secs(run_at.unwrap_or_default()));
        Some(clock::unix_time().saturating_sub(due))
    }
}

impl Metadata for Enqueued {
    type Error = Infallible;

    fn extract(store: &MetadataStore) -> Result<Self, Infallible> {
        Ok(Self(store.get(ENQUEUED_AT).and_then(|text| text.parse().ok())))
    }

    fn inject(&self, store: &mut MetadataStore) -> Result<(), Infallible> {
        if let Some(at) = self.0 {
            drop(store.replace(ENQUEUED_AT, at.to_string()));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_context_survives_with_its_trace_and_without_its_fields() {
        let trace = TraceContext::parse("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", ["a=1"]);
        let context =
            Context::with_id("order-17").field("password", "secret").with_trace(trace.clone().unwrap());
        let mut store = MetadataStore::new();
        store.insert(REQUEST_ID, "another").unwrap();
        context.inject(&mut store).unwrap();
        let received = Context::extract(&store).unwrap();
        assert_eq!(received.request_id(), RequestId::parse("order-17").as_ref());
        assert_eq!(received.trace(), trace.as_ref());
        assert_eq!(store.len(), 3);
    }

    #[test]
    fn what_is_malformed_or_absent_is_none() {
        let store: MetadataStore =
            [(REQUEST_ID, "a b"), (TRACEPARENT, "00-x"), (ENQUEUED_AT, "-1")].into_iter().collect();
        for store in [store, MetadataStore::new()] {
            let received = Context::extract(&store).unwrap();
            assert!(received.request_id().is_none() && received.trace().is_none());
            assert_eq!(Enqueued::extract(&store).unwrap().waited(None), None);
        }
    }

    #[test]
    fn a_job_waits_from_when_it_is_due() {
        let _clock = clock::manual::Clock::at(0);
        let now = Enqueued::now();
        let mut store = MetadataStore::new();
        now.inject(&mut store).unwrap();
        assert_eq!(Enqueued::extract(&store), Ok(now));
        let later = clock::unix_time().as_secs() + 60;
        assert_eq!(now.waited(Some(later)), Some(Duration::ZERO));
    }
}
