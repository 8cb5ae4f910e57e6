//! A request under way, which ends in exactly one way.

use http::{Method, StatusCode};

use super::server_metrics::{End, ServerSeries};
use crate::clock;

/// What a request counts as whose client went away before there was a response. It is nginx's; there is no standard one.
const CLIENT_CLOSED_REQUEST: u16 = 499;

/// From the head of a request to the last byte of its response. When it drops before it was ended, somebody went away.
pub(super) struct UnderWay {
    series: &'static ServerSeries,
    began: u64,
    is_head: bool,
    status: Option<StatusCode>,
    end: End,
    /// Of the body of the response.
    sent: u64,
}

impl UnderWay {
    pub(super) fn begin(route: &str, method: &Method, announced: Option<u64>) -> Self {
        let series = ServerSeries::of(route, method);
        series.active.increment(1);
        if let Some(announced) = announced {
            series.request_size.record(announced as f64);
        }
        let (is_head, end) = (*method == Method::HEAD, End::Cancelled);
        Self { series, began: clock::ticks(), is_head, status: None, end, sent: 0 }
    }

    #[cfg(feature = "axum")]
    pub(super) const fn series(&self) -> &'static ServerSeries {
        self.series
    }

    /// In ticks.
    pub(super) const fn began(&self) -> u64 {
        self.began
    }

    /// Runs code of the service. What leaves it by a panic is one.
    #[inline]
    pub(super) fn guarding<T>(&mut self, run: impl FnOnce() -> T) -> T {
        let unless_left = self.unless_left();
        let output = run();
        unless_left.left_well();
        output
    }

    /// The same for code that comes after, until it has left well.
    pub(super) const fn unless_left(&mut self) -> Unwound<'_> {
        Unwound(self)
    }

    pub(super) const fn answered(&mut self, status: StatusCode) {
        self.status = Some(status);
    }

    pub(super) const fn sent(&mut self, bytes: u64) {
        self.sent = self.sent.saturating_add(bytes);
    }

    /// Whether a response of this size has been sent as a whole.
    pub(super) fn is_complete(&self, announced: Option<u64>) -> bool {
        announced == Some(self.sent)
    }

    /// Whether no body is sent, whatever the response has.
    pub(super) fn is_bodiless(&self) -> bool {
        let bodiless = [StatusCode::NO_CONTENT, StatusCode::NOT_MODIFIED, StatusCode::SWITCHING_PROTOCOLS];
        self.is_head || self.status.is_some_and(|status| bodiless.contains(&status))
    }

    pub(super) fn end(mut self, end: End) {
        self.end = end;
    }
}

/// Drops only when code of the service is left by a panic. To note beforehand that it may be, and afterwards that it was not, would be
/// two stores into what is about to be moved.
pub(super) struct Unwound<'a>(&'a mut UnderWay);

impl Unwound<'_> {
    pub(super) const fn left_well(self) {
        std::mem::forget(self);
    }
}

impl Drop for Unwound<'_> {
    fn drop(&mut self) {
        self.0.end = End::Panicked;
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let series = self.series;
        let unanswered = match self.end {
            End::Cancelled => CLIENT_CLOSED_REQUEST,
            _ => StatusCode::INTERNAL_SERVER_ERROR.as_u16(),
        };
        let status = self.status.map_or(unanswered, |status| status.as_u16());
        let elapsed = clock::ticks().saturating_sub(self.began);
        series.duration(status).record(clock::seconds(elapsed));
        if self.status.is_some() {
            series.response_size.record(self.sent as f64);
        }
        series.count(self.end);
        series.active.decrement(1);
    }
}
