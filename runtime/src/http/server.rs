//! The layer around a service that answers requests.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::request::Parts;
use http::{Request, Response};
use http_body::Body;
use tower_layer::Layer;
use tower_service::Service;

use super::headers;
use super::response::{ResponseBody, ResponseFuture};
use super::under_way::UnderWay;

/// The route of a request that no route matched.
const UNMATCHED: &str = "unmatched";

type Route = dyn for<'a> Fn(&'a Parts) -> Option<Cow<'a, str>> + Send + Sync;

/// Gives each request that a service answers its id, its trace, its records and its metrics.
///
/// With axum, and the feature `axum`, which knows the routes:
/// ```
/// # #[cfg(feature = "axum")]
/// # fn routes() -> axum::Router {
/// use axum::{Router, routing::get};
///
/// async fn user() -> String {
///     tachograph::request_id().unwrap_or_default()
/// }
/// Router::new().route("/users/{id}", get(user)).layer(tachograph::http::ServerLayer::new())
/// # }
/// ```
/// The layer has to be one of the router's, as here, and the last: a layer around the whole router comes before the routes do.
///
/// Elsewhere [`ServerLayer::route`] says what the route of a request is. With tonic, whose paths are few:
/// ```
/// let services = ["/shop.Orders/Place", "/shop.Orders/Cancel"];
/// let layer = tachograph::http::ServerLayer::new().route(move |request| {
///     let path = request.uri.path();
///     services.contains(&path).then(|| path.into())
/// });
/// ```
#[derive(Clone, Default)]
pub struct ServerLayer {
    route: Option<Arc<Route>>,
}

impl ServerLayer {
    /// With the routes that axum matched, if the feature `axum` is on; else every route is `unmatched`.
    pub const fn new() -> Self {
        Self { route: None }
    }

    /// Says by the head of a request what its route is: one of a few texts, such as `/users/{id}`, and never the path of a request that may
    /// have any. Where it gives none, it is the one that axum matched.
    #[must_use]
    pub fn route(
        self,
        route: impl for<'a> Fn(&'a Parts) -> Option<Cow<'a, str>> + Send + Sync + 'static,
    ) -> Self {
        Self { route: Some(Arc::new(route)) }
    }

    fn route_of<'a>(&self, request: &'a Parts) -> Cow<'a, str> {
        let given = self.route.as_ref().and_then(|route| route(request));
        given.or_else(|| matched(request)).unwrap_or(Cow::Borrowed(UNMATCHED))
    }
}

#[cfg(feature = "axum")]
fn matched(request: &Parts) -> Option<Cow<'_, str>> {
    request.extensions.get::<axum::extract::MatchedPath>().map(|path| path.as_str().into())
}

#[cfg(not(feature = "axum"))]
const fn matched(_: &Parts) -> Option<Cow<'_, str>> {
    None
}

impl fmt::Debug for ServerLayer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ServerLayer").finish_non_exhaustive()
    }
}

impl<S> Layer<S> for ServerLayer {
    type Service = Server<S>;

    fn layer(&self, inner: S) -> Server<S> {
        Server { inner, layer: self.clone() }
    }
}

/// A service with a [`ServerLayer`].
#[derive(Clone, Debug)]
pub struct Server<S> {
    inner: S,
    layer: ServerLayer,
}

impl<S, B, R> Service<Request<B>> for Server<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    B: Body + 'static,
    R: Body,
{
    type Response = Response<ResponseBody<R>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, task: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(task)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let (head, body) = request.into_parts();
        let announced = body.size_hint().exact();
        let mut under_way = UnderWay::begin(&self.layer.route_of(&head), &head.method, announced);
        #[cfg(feature = "axum")]
        let body = match announced {
            Some(_) => body,
            None => super::request_body::counting(body, under_way.series()),
        };
        let (context, echo) = headers::receive(&head.headers);
        let request = Request::from_parts(head, body);
        let future = under_way.guarding(|| context.scope_made(|| self.inner.call(request)));
        ResponseFuture::new(future, under_way, echo)
    }
}
