//! The metrics of requests that go out.

use std::cell::RefCell;
use std::error::Error;
use std::sync::{Mutex, OnceLock};

use http::{Method, StatusCode, Uri};
use metrics::{Histogram, SharedString};

use super::series::{Known, OfThread, Series, Shared, find};
use crate::causes::{Cause, cause};
use crate::clock;
use crate::names::HTTP_CLIENT_DURATION;

/// The address where a URI names none.
const NO_ADDRESS: &str = "unknown";

/// How a request that went out ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    Answered(StatusCode),
    TimedOut,
    NotConnected,
    Cancelled,
    Failed,
}

impl Ended {
    const fn error_type(self) -> &'static str {
        match self {
            Self::Answered(_) => "",
            Self::TimedOut => "timeout",
            Self::NotConnected => "connection",
            Self::Cancelled => "cancelled",
            Self::Failed => "other",
        }
    }

    fn status_code(self) -> String {
        if let Self::Answered(status) = self { status.as_str().to_owned() } else { String::new() }
    }

    /// By the causes of an error: what the system says is known, whoever wraps it.
    pub(super) fn by_error(error: &(dyn Error + 'static)) -> Self {
        match cause(error) {
            Some(Cause::TimedOut) => Self::TimedOut,
            Some(Cause::NotConnected) => Self::NotConnected,
            Some(Cause::Disk) | None => Self::Failed,
        }
    }
}

/// The handles for one address and one method.
struct ClientSeries {
    address: &'static str,
    method: &'static str,
    durations: Duration,
}

/// The durations of one end, and those of further ones.
#[derive(Default)]
struct Duration(OnceLock<Box<(Ended, Histogram, Duration)>>);

impl Series for ClientSeries {
    fn register(address: &'static str, method: &'static str) -> Self {
        Self { address, method, durations: Duration::default() }
    }
}

impl ClientSeries {
    fn of(address: &str, method: &Method) -> &'static Self {
        static SHARED: Shared<ClientSeries> = Mutex::new(Known::new());
        thread_local! {
            static OF_THREAD: RefCell<Known<ClientSeries>> = const { RefCell::new(Known::new()) };
        }
        let of_thread: &'static OfThread<Self> = &OF_THREAD;
        find(&SHARED, of_thread, address, method)
    }

    fn duration(&self, ended: Ended) -> &Histogram {
        let mut place = &self.durations;
        loop {
            let (known, histogram, next) = &**place.0.get_or_init(|| {
                let labels: [SharedString; 4] = [
                    self.method.into(),
                    self.address.into(),
                    ended.status_code().into(),
                    ended.error_type().into(),
                ];
                let histogram = HTTP_CLIENT_DURATION.histogram(labels);
                Box::new((ended, histogram, Duration::default()))
            });
            if *known == ended {
                return histogram;
            }
            place = next;
        }
    }
}

/// A request that went out and has no response yet. When it drops before, nobody waits for one any more.
pub(super) struct Outgoing {
    series: &'static ClientSeries,
    began: u64,
    ended: Ended,
}

impl Outgoing {
    pub(super) fn begin(method: &Method, uri_host: Option<&str>) -> Self {
        let series = ClientSeries::of(uri_host.unwrap_or(NO_ADDRESS), method);
        Self { series, began: clock::ticks(), ended: Ended::Cancelled }
    }

    pub(super) fn to(method: &Method, uri: &Uri) -> Self {
        Self::begin(method, uri.host())
    }

    pub(super) fn end(mut self, ended: Ended) {
        self.ended = ended;
    }
}

impl Drop for Outgoing {
    fn drop(&mut self) {
        let elapsed = clock::ticks().saturating_sub(self.began);
        self.series.duration(self.ended).record(clock::seconds(elapsed));
    }
}
