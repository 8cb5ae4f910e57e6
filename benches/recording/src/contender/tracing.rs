//! A span for each call, written as JSON at its close, to nowhere.

use std::io;

use recording::Error;
use recording::work::{Answer, mix, wait_once};
use tracing::instrument;
use tracing_subscriber::fmt::format::FmtSpan;

use super::{Contender, Render, calls};

pub(crate) const JSON: Contender = Contender {
    name: "tracing-json",
    written: "`#[instrument(skip_all)]`, a JSON line at close, to a sink",
    packages: &["tracing", "tracing-subscriber"],
    start,
    calls: calls!(),
};

fn start() -> Result<Render, Error> {
    let builder = tracing_subscriber::fmt().json().with_span_events(FmtSpan::CLOSE).with_writer(io::sink);
    builder.try_init().map_err(|error| error as Error)?;
    Ok(Box::new(String::new))
}

#[instrument(skip_all)]
#[inline(never)]
fn work(number: u64) -> Answer {
    mix(number)
}

#[instrument(skip_all)]
async fn ready(number: u64) -> Answer {
    mix(number)
}

#[instrument(skip_all)]
async fn waiting(number: u64) -> Answer {
    wait_once().await;
    mix(number)
}
