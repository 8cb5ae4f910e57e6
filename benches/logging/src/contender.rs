//! The contenders: each logs the same event in its own way.

mod floor;
mod tachograph;
mod tracing_json;
mod json_subscriber;
mod logforth;
mod slog;

use std::path::Path;

use harness::Error;

pub(crate) struct Contender {
    pub(crate) name: &'static str,
    /// As a user sets it up.
    pub(crate) written: &'static str,
    /// The crates whose versions matter.
    pub(crate) packages: &'static [&'static str],
    /// Of the process it runs in.
    pub(crate) environment: &'static [(&'static str, &'static str)],
    /// Sets up what a program sets up at its start; the files are to be in this directory.
    pub(crate) start: fn(&Path) -> Result<Running, Error>,
    /// Runs something in a request and a span.
    pub(crate) request: fn(&mut dyn FnMut()),
    pub(crate) event: fn(u64),
}

pub(crate) struct Running {
    /// Waits until all is in the files, by what the contender has for that.
    pub(crate) flush: Box<dyn FnOnce()>,
    /// How many events the contender says that it dropped.
    pub(crate) told: Box<dyn Fn() -> u64>,
}

impl Running {
    /// One that drops nothing, or says nothing of it.
    fn that_flushes(flush: impl FnOnce() + 'static) -> Self {
        Self { flush: Box::new(flush), told: Box::new(|| 0) }
    }
}

/// In the order of the tables.
pub(crate) const ALL: [&Contender; 10] = [
    &floor::FLOOR,
    &tachograph::BLOCK,
    &tachograph::DROP,
    &tachograph::SPOOL,
    &slog::JSON,
    &json_subscriber::BUFFERED,
    &json_subscriber::NON_BLOCKING,
    &logforth::ROLLING,
    &tracing_json::BUFFERED,
    &tracing_json::NON_BLOCKING,
];

pub(crate) fn find(name: &str) -> Result<&'static Contender, Error> {
    let found = ALL.into_iter().find(|contender| contender.name == name);
    let names = || ALL.map(|contender| contender.name).join(", ");
    found.ok_or_else(|| format!("{name}: no contender; there are {}", names()).into())
}
