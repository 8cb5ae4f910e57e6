//! The layer around a service that answers requests.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::request::Parts;
use http::{Extensions, Request, Response};
use http_body::Body;
use tower_layer::Layer;
use tower_service::Service;

use super::headers;
use super::response::{ResponseBody, ResponseFuture};
use super::under_way::UnderWay;
use crate::context::Scoped;

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

    /// The request again, and its measure: it is taken apart for who asks for its head.
    fn begin_by_head<B: Body>(route: &Route, request: Request<B>) -> (Request<B>, UnderWay) {
        let announced = request.body().size_hint().exact();
        let (head, body) = request.into_parts();
        let given = route(&head);
        let route = given.as_deref().or_else(|| matched(&head.extensions));
        let under_way = UnderWay::begin(route.unwrap_or(UNMATCHED), &head.method, announced);
        drop(given);
        (Request::from_parts(head, body), under_way)
    }
}

#[cfg(feature = "axum")]
fn matched(extensions: &Extensions) -> Option<&str> {
    extensions.get::<axum::extract::MatchedPath>().map(|path| path.as_str())
}

#[cfg(not(feature = "axum"))]
const fn matched(_: &Extensions) -> Option<&str> {
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

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        // Straight on, without closures and helpers that would own the request: each would copy its 240 bytes.
        let announced = request.body().size_hint().exact();
        let mut under_way = match &self.layer.route {
            None => {
                let route = matched(request.extensions()).unwrap_or(UNMATCHED);
                UnderWay::begin(route, request.method(), announced)
            }
            Some(route) => {
                let under_way;
                (request, under_way) = ServerLayer::begin_by_head(&**route, request);
                under_way
            }
        };
        #[cfg(feature = "axum")]
        if announced.is_none() {
            super::request_body::count(request.body_mut(), under_way.series());
        }
        let (mut context, echo) = headers::receive(request.headers(), under_way.began());
        let unless_left = under_way.unless_left();
        let entered = context.entered();
        let future = self.inner.call(request);
        drop(entered);
        unless_left.left_well();
        ResponseFuture::new(Scoped::within(context, future), under_way, echo)
    }
}
