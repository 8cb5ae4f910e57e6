//! The response to a request, while it is made and while it is sent.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::{HeaderValue, Response};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::headers::REQUEST_ID;
use super::server_metrics::End;
use super::under_way::UnderWay;
use crate::context::Scoped;

pin_project! {
    /// The response to come, made in the context of its request.
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<F> {
        #[pin]
        future: Scoped<F>,
        under_way: Option<UnderWay>,
        echo: Option<HeaderValue>,
    }
}

impl<F> ResponseFuture<F> {
    pub(super) const fn new(future: Scoped<F>, under_way: UnderWay, echo: HeaderValue) -> Self {
        Self { future, under_way: Some(under_way), echo: Some(echo) }
    }
}

impl<F, B, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Body,
{
    type Output = Result<Response<ResponseBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut future = this.future;
        let polled = match this.under_way {
            Some(under_way) => under_way.guarding(|| future.as_mut().poll(task)),
            None => future.as_mut().poll(task),
        };
        let response = ready!(polled);
        let under_way = this.under_way.take();
        match response {
            Ok(mut response) => {
                if let Some(echo) = this.echo.take() {
                    response.headers_mut().insert(REQUEST_ID, echo);
                }
                let (head, body) = response.into_parts();
                let context = future.context().clone();
                let body = ResponseBody::new(Scoped::within(context, body), under_way, head.status);
                Poll::Ready(Ok(Response::from_parts(head, body)))
            }
            Err(error) => {
                if let Some(under_way) = under_way {
                    under_way.end(End::Failed);
                }
                Poll::Ready(Err(error))
            }
        }
    }
}

pin_project! {
    /// The body of a response, made in the context of its request. With its end the request ends.
    pub struct ResponseBody<B> {
        #[pin]
        body: Scoped<B>,
        under_way: Option<UnderWay>,
        announced: Option<u64>,
    }
}

impl<B: Body> ResponseBody<B> {
    fn new(body: Scoped<B>, mut under_way: Option<UnderWay>, status: http::StatusCode) -> Self {
        let announced = body.size_hint().exact();
        if let Some(under_way) = &mut under_way {
            under_way.answered(status);
        }
        // Of a body that is empty, or not to be sent, no server asks for a frame.
        let ended = under_way.take_if(|under_way| {
            under_way.is_bodiless() || under_way.is_complete(announced) || body.is_end_stream()
        });
        if let Some(ended) = ended {
            ended.end(End::Answered);
        }
        Self { body, under_way, announced }
    }
}

impl<B: Body> Body for ResponseBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        task: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let this = self.project();
        let mut body = this.body;
        let Some(under_way) = this.under_way else { return body.poll_frame(task) };
        let frame = ready!(under_way.guarding(|| body.as_mut().poll_frame(task)));
        let end = match &frame {
            Some(Ok(frame)) => {
                under_way.sent(frame.data_ref().map_or(0, bytes_of));
                // A server does not ask for what comes after.
                let is_last =
                    frame.is_trailers() || body.is_end_stream() || under_way.is_complete(*this.announced);
                is_last.then_some(End::Answered)
            }
            Some(Err(_)) => Some(End::Failed),
            None => Some(End::Answered),
        };
        if let Some((end, under_way)) = end.and_then(|end| Some((end, this.under_way.take()?))) {
            under_way.end(end);
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

pub(super) fn bytes_of(data: &impl bytes::Buf) -> u64 {
    data.remaining() as u64
}
