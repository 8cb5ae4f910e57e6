//! The metrics of requests that came in.

use std::cell::RefCell;
use std::sync::{Mutex, OnceLock};

use http::{HeaderName, Method};
use metrics::{
    Counter, Gauge, Histogram, Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge,
    histogram,
};

use super::series::{Known, OfThread, Series, Shared, find};

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
                let histogram = histogram!(
                    DURATION, "method" => self.method, "route" => self.route, "status_code" => status.to_string()
                );
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

const DURATION: &str = "http_server_request_duration_seconds";
const ACTIVE: &str = "http_server_active_requests";
const REQUEST_SIZE: &str = "http_server_request_body_size_bytes";
const RESPONSE_SIZE: &str = "http_server_response_body_size_bytes";
const ABORTED: &str = "http_server_aborted_requests_total";
const REFUSED: &str = "http_server_refused_headers_total";

impl Series for ServerSeries {
    fn describe() {
        describe_histogram!(
            DURATION,
            Unit::Seconds,
            "How long requests took, from the head to the last byte of the response."
        );
        describe_gauge!(ACTIVE, Unit::Count, "Requests under way.");
        describe_histogram!(REQUEST_SIZE, Unit::Bytes, "Sizes of the bodies of requests, as announced.");
        describe_histogram!(RESPONSE_SIZE, Unit::Bytes, "Sizes of the bodies of responses, as sent.");
        describe_counter!(
            ABORTED,
            Unit::Count,
            "Requests whose handler panicked or failed, or whose client went away, before the end of the response."
        );
        describe_counter!(REFUSED, Unit::Count, "Headers of requests that were ignored.");
        for (header, reason) in REFUSALS {
            counter!(REFUSED, "header" => header, "reason" => reason.label()).increment(0);
        }
    }

    fn register(route: &'static str, method: &'static str) -> Self {
        Self {
            route,
            method,
            active: gauge!(ACTIVE, "method" => method),
            request_size: histogram!(REQUEST_SIZE, "method" => method, "route" => route),
            response_size: histogram!(RESPONSE_SIZE, "method" => method, "route" => route),
            aborted: End::ABORTED.map(|(_, error_type)| {
                counter!(ABORTED, "method" => method, "route" => route, "error_type" => error_type)
            }),
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
    counter!(REFUSED, "header" => header.as_str().to_owned(), "reason" => reason.label()).increment(1);
}
