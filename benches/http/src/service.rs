//! The service that all contenders put their layers around: a route with a parameter, and JSON for an answer.

use axum::extract::Path;
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;

/// The path that is asked for.
pub(crate) const PATH: &str = "/users/17";
const ROUTE: &str = "/users/{id}";

#[derive(Serialize)]
struct User {
    id: u64,
    name: &'static str,
    is_active: bool,
}

/// Without a record.
pub(crate) fn router() -> Router {
    Router::new().route(ROUTE, get(user))
}

/// With a record of each request.
pub(crate) fn router_that_logs() -> Router {
    Router::new().route(ROUTE, get(logged_user))
}

async fn user(Path(id): Path<u64>) -> Json<User> {
    Json(User { id, name: "Ada", is_active: true })
}

async fn logged_user(Path(id): Path<u64>) -> Json<User> {
    tracing::info!(user = id, "user read");
    user(Path(id)).await
}
