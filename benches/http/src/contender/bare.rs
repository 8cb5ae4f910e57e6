//! The service alone, twice: what the second seems to cost is noise.

use super::{Contender, Running};
use crate::service;

pub(crate) const BARE: Contender = Contender {
    name: "bare",
    written: "the router alone",
    packages: &["axum", "hyper", "tokio"],
    logs: false,
    echo: None,
    start: |_| Ok(Running { router: service::router(), recorded: None }),
};

pub(crate) const AGAIN: Contender =
    Contender { name: "bare-again", written: "the same once more: what it seems to cost is noise", ..BARE };
