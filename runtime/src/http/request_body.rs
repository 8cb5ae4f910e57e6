//! The body of a request whose size nobody announced: counted while it is read.

use std::any::Any;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::response::bytes_of;
use super::server_metrics::ServerSeries;

/// Puts one of the same type that counts in the place of a body: axum's can be any body.
pub(super) fn count<B: 'static>(body: &mut B, series: &'static ServerSeries) {
    if let Some(body) = (body as &mut dyn Any).downcast_mut::<axum::body::Body>() {
        let read = Read { series, bytes: 0 };
        *body = axum::body::Body::new(CountedBody { body: std::mem::take(body), read });
    }
}

pin_project! {
    struct CountedBody<B> {
        #[pin]
        body: B,
        read: Read,
    }
}

/// What was read of a body, recorded when nobody reads it any more.
struct Read {
    series: &'static ServerSeries,
    bytes: u64,
}

impl Drop for Read {
    fn drop(&mut self) {
        self.series.request_size.record(self.bytes as f64);
    }
}

impl<B: Body> Body for CountedBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        task: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let this = self.project();
        let frame = ready!(this.body.poll_frame(task));
        if let Some(Ok(frame)) = &frame {
            this.read.bytes += frame.data_ref().map_or(0, bytes_of);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
