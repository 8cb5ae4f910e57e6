//! The HTTP interface: `POST /files`, `GET /files`, `GET /files/{id}`, `GET /files/{id}/finished` and
//! `GET /healthz`.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use tachograph::http::ServerLayer;
use tachograph::{Context, timed};
use tokio::net::TcpListener;
use tracing::info;

use crate::catalog::Catalog;
use crate::digest::Digest;
use crate::error::{Error, with_causes};
use crate::file::File;
use crate::queue::{Job, Queue};
use crate::stop::Stop;

/// So long a client may wait for a file before it is told how things stand.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// What the handlers share.
#[derive(Clone)]
pub(crate) struct Api {
    catalog: Arc<Catalog>,
    queue: Queue,
}

impl Api {
    pub(crate) fn new(catalog: Arc<Catalog>, queue: Queue) -> Self {
        Self { catalog, queue }
    }

    /// Listens; gives the address that it got, and the server to run. The server ends some time after `stop`: when
    /// it has answered what it accepted before.
    pub(crate) async fn listen(
        self,
        address: SocketAddr,
        stop: Stop,
    ) -> Result<(SocketAddr, impl Future<Output = ()>), Error> {
        let failed = |source| Error::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let server = axum::serve(listener, self.router()).with_graceful_shutdown(stop.requested());
        // A server that accepts connections never fails as a whole: it logs, waits and goes on.
        Ok((address, async { drop(server.await) }))
    }

    fn router(self) -> Router {
        Router::new()
            .route("/files", get(list).post(submit))
            .route("/files/{id}", get(show))
            .route("/files/{id}/finished", get(await_finished))
            .layer(middleware::from_fn(answered))
            .route("/healthz", get("ok\n"))
            // Each request in the id and the trace that its client sent, or in new ones, and measured by its route.
            .layer(ServerLayer::new())
            .with_state(self)
    }
}

async fn answered(request: Request, next: Next) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let response = next.run(request).await;
    info!(%method, path, status = response.status().as_u16(), "answered");
    response
}

#[derive(Deserialize)]
struct Submission {
    url: String,
    sha256: Option<Digest>,
}

/// Takes a URL to be mirrored. The answer says under which id its file will be found.
///
/// A URL that is none is a bad event of the service level, too: those who submit here are ours.
#[timed(
    component = "api",
    fields(url = submission.url),
    slo(name = "submissions", latency = "250ms", objective = 99.5)
)]
async fn submit(
    State(api): State<Api>,
    Json(submission): Json<Submission>,
) -> Result<(StatusCode, Json<File>), Error> {
    let Submission { url, sha256 } = submission;
    if !reqwest::Url::parse(&url).is_ok_and(|url| url.scheme() == "http") {
        return Err(Error::Url { url });
    }
    // The place comes before the row: a file that is known as queued is in the queue.
    let place = api.queue.reserve()?;
    let file = api.catalog.add(&url, sha256).await?;
    place.send(Job { file: file.id, url, sha256, attempt: 1, context: Context::current() });
    Ok((StatusCode::ACCEPTED, Json(file)))
}

/// Shows a file as it is now.
#[timed(component = "api", fields(id))]
async fn show(State(api): State<Api>, Path(id): Path<i64>) -> Result<Json<Arc<File>>, Error> {
    Ok(Json(api.catalog.find(id).await?))
}

/// Shows a file as soon as it is finished. It is no sign of trouble that this takes long, so it is never `slow`; a
/// client that goes away meanwhile counts as cancelled.
#[timed(component = "api", slow = "never")]
async fn await_finished(State(api): State<Api>, Path(id): Path<i64>) -> Result<Json<Arc<File>>, Error> {
    // Out of time or not: the answer is what the catalog says then.
    let _ = tokio::time::timeout(LONGEST_WAIT, api.catalog.finished(id)).await;
    Ok(Json(api.catalog.find(id).await?))
}

/// Lists the newest files, newest first.
#[timed(component = "api", slo(latency = "100ms", objective = 99.9))]
async fn list(State(api): State<Api>) -> Result<Json<Vec<File>>, Error> {
    Ok(Json(api.catalog.newest(100).await?))
}

#[derive(Serialize)]
struct Problem {
    error: String,
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let status = match &self {
            Self::Url { .. } => StatusCode::BAD_REQUEST,
            Self::UnknownFile { .. } => StatusCode::NOT_FOUND,
            Self::QueueFull | Self::Stopping | Self::Database { .. } => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        if status.is_server_error() {
            tracing::error!("{}", with_causes(&self));
        }
        (status, Json(Problem { error: self.to_string() })).into_response()
    }
}
