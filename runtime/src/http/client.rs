//! The layer around a service that sends requests.

use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::{Request, Response};
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use super::client_metrics::{Ended, Outgoing};
use super::headers;

/// Gives each request that a client sends the id and the trace of the current request, and its metrics.
///
/// ```
/// use tower_layer::Layer;
/// # #[derive(Clone)] struct AnyClient;
/// let client = tachograph::http::ClientLayer::new().layer(AnyClient);
/// ```
/// The client's error becomes a `Box<dyn Error + Send + Sync>`, as those of tower's own layers: what lies behind it decides on the
/// label `error_type`.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct ClientLayer;

impl ClientLayer {
    /// There is nothing to choose.
    pub const fn new() -> Self {
        Self
    }
}

impl<S> Layer<S> for ClientLayer {
    type Service = Client<S>;

    fn layer(&self, inner: S) -> Client<S> {
        Client { inner }
    }
}

/// A client with a [`ClientLayer`].
#[derive(Clone, Debug)]
pub struct Client<S> {
    inner: S,
}

type BoxError = Box<dyn Error + Send + Sync>;

impl<S, B, R> Service<Request<B>> for Client<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    S::Error: Into<BoxError>,
{
    type Response = Response<R>;
    type Error = BoxError;
    type Future = ClientFuture<S::Future>;

    fn poll_ready(&mut self, task: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(task).map_err(Into::into)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        headers::inject(request.headers_mut());
        let outgoing = Outgoing::to(request.method(), request.uri());
        ClientFuture { future: self.inner.call(request), outgoing: Some(outgoing) }
    }
}

pin_project! {
    /// The response of another service.
    #[must_use = "futures do nothing unless polled"]
    pub struct ClientFuture<F> {
        #[pin]
        future: F,
        outgoing: Option<Outgoing>,
    }
}

impl<F, R, E> Future for ClientFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
    E: Into<BoxError>,
{
    type Output = Result<Response<R>, BoxError>;

    fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let response = ready!(this.future.poll(task)).map_err(Into::into);
        if let Some(outgoing) = this.outgoing.take() {
            outgoing.end(match &response {
                Ok(response) => Ended::Answered(response.status()),
                Err(error) => Ended::by_error(&**error),
            });
        }
        Poll::Ready(response)
    }
}
