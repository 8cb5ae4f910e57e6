//! Layers that do nothing: what axum takes for any layer, and for a body of another type, which it boxes.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::Error;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::response::Response;
use http_body::{Frame, SizeHint};
use tower_layer::Layer;
use tower_service::Service;

use super::{Contender, Running, bare};
use crate::service;

pub(crate) const LAYER: Contender = Contender {
    name: "layer-of-nothing",
    written: "a layer that hands the request on: what axum takes for any layer",
    start: |_| Ok(Running { router: service::router().layer(Nothing), recorded: None }),
    ..bare::BARE
};

pub(crate) const BODY: Contender = Contender {
    name: "body-of-nothing",
    written: "the same with a body of its own in the response, which axum boxes: the least of who sees its last byte",
    start: |_| Ok(Running { router: service::router().layer(NothingWithBody), recorded: None }),
    ..bare::BARE
};

#[derive(Clone)]
struct Nothing;

#[derive(Clone)]
struct Handing<S>(S);

impl<S> Layer<S> for Nothing {
    type Service = Handing<S>;

    fn layer(&self, inner: S) -> Handing<S> {
        Handing(inner)
    }
}

impl<S: Service<Request>> Service<Request> for Handing<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, task: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(task)
    }

    fn call(&mut self, request: Request) -> S::Future {
        self.0.call(request)
    }
}

#[derive(Clone)]
struct NothingWithBody;

#[derive(Clone)]
struct Wrapping<S>(S);

impl<S> Layer<S> for NothingWithBody {
    type Service = Wrapping<S>;

    fn layer(&self, inner: S) -> Wrapping<S> {
        Wrapping(inner)
    }
}

impl<S: Service<Request, Response = Response>> Service<Request> for Wrapping<S> {
    type Response = Response<Wrapped>;
    type Error = S::Error;
    type Future = Waiting<S::Future>;

    fn poll_ready(&mut self, task: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(task)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        Waiting { future: self.0.call(request) }
    }
}

pin_project_lite::pin_project! {
    struct Waiting<F> {
        #[pin]
        future: F,
    }
}

impl<F: Future<Output = Result<Response, E>>, E> Future for Waiting<F> {
    type Output = Result<Response<Wrapped>, E>;

    fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Self::Output> {
        self.project().future.poll(task).map_ok(|response| response.map(Wrapped))
    }
}

struct Wrapped(Body);

impl HttpBody for Wrapped {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        task: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        Pin::new(&mut self.0).poll_frame(task)
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}
