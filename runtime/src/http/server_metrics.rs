//! The metrics of requests that came in.

use std::cell::RefCell;
use std::sync::{Mutex, OnceLock};

use http::{HeaderName, Method};
use metrics::{Counter, Gauge, Histogram, SharedString};

use super::series::{Known, OfThread, Series, Shared, find};
use crate::names::{
    HTTP_SERVER_ABORTED, HTTP_SERVER_ACTIVE, HTTP_SERVER_DURATION, HTTP_SERVER_REFUSED,
    HTTP_SERVER_REQUEST_SIZE, HTTP_SERVER_RESPONSE_SIZE,
};

/// The handles for one route and one method.
pub(super) struct ServerSeries {
    route: &'static str,
    method: &'static str,
    pub(super) active: Gauge,
    pub(super) request_size: Histogram,
    pub(super) response_size: Histogram,
    aborted: [Counter; End::ABORTED.len()],
    durations: Duration,
}

/// The durations of one status, and those of further ones. Few routes have more than four.
#[derive(Default)]
struct Duration(OnceLock<Box<(u16, Histogram, Duration)>>);

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Answered,
    Panicked,
    Cancelled,
    Failed,
}

impl End {
    const ABORTED: [(Self, &str); 3] =
        [(Self::Panicked, "panic"), (Self::Cancelled, "cancelled"), (Self::Failed, "error")];
}

/// Why a header was not taken.
#[derive(Clone, Copy, Debug)]
pub(super) enum Reason {
    Malformed,
    TooLong,
}

impl Reason {
    const fn label(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::TooLong => "too_long",
        }
    }
}

impl ServerSeries {
    pub(super) fn of(route: &str, method: &Method) -> &'static Self {
        static SHARED: Shared<ServerSeries> = Mutex::new(Known::new());
        thread_local! {
            static OF_THREAD: RefCell<Known<ServerSeries>> = const { RefCell::new(Known::new()) };
        }
        let of_thread: &'static OfThread<Self> = &OF_THREAD;
        find(&SHARED, of_thread, route, method)
    }

    pub(super) fn duration(&self, status: u16) -> &Histogram {
        let mut place = &self.durations;
        loop {
            let (known, histogram, next) = &**place.0.get_or_init(|| {
                let labels: [SharedString; 3] =
                    [self.method.into(), self.route.into(), status.to_string().into()];
                let histogram = HTTP_SERVER_DURATION.histogram(labels);
                Box::new((status, histogram, Duration::default()))
            });
            if *known == status {
                return histogram;
            }
            place = next;
        }
    }

    /// Counts an end that is none.
    pub(super) fn count(&self, end: End) {
        let aborted = End::ABORTED.iter().position(|(known, _)| *known == end);
        if let Some(aborted) = aborted {
            self.aborted[aborted].increment(1);
        }
    }
}

impl Series for ServerSeries {
    fn begin() {
        for (header, reason) in REFUSALS {
            let _ = HTTP_SERVER_REFUSED.counter([header, reason.label()]);
        }
    }

    fn register(route: &'static str, method: &'static str) -> Self {
        Self {
            route,
            method,
            active: HTTP_SERVER_ACTIVE.gauge([method]),
            request_size: HTTP_SERVER_REQUEST_SIZE.histogram([method, route]),
            response_size: HTTP_SERVER_RESPONSE_SIZE.histogram([method, route]),
            aborted: End::ABORTED
                .map(|(_, error_type)| HTTP_SERVER_ABORTED.counter([method, route, error_type])),
            durations: Duration::default(),
        }
    }
}

/// What can be refused, for it to stand on the page beforehand.
const REFUSALS: [(&str, Reason); 5] = [
    ("x-request-id", Reason::Malformed),
    ("x-request-id", Reason::TooLong),
    ("traceparent", Reason::Malformed),
    ("tracestate", Reason::Malformed),
    ("tracestate", Reason::TooLong),
];

/// Counts a header that was not taken.
#[cold]
pub(super) fn refuse(header: &HeaderName, reason: Reason) {
    let header = REFUSALS.iter().map(|(name, _)| *name).find(|name| *name == header.as_str());
    HTTP_SERVER_REFUSED.counter([header.unwrap_or_default(), reason.label()]).increment(1);
}
