//! `slog` with `slog-json`: loggers carry the request, a mutex guards the buffered file.

use std::cell::RefCell;
use std::path::Path;
use std::sync::{Mutex, OnceLock};

use ::slog::{Drain, Logger, info, o};

use super::tracing_json::Shared;
use super::{Contender, Running};
use crate::event::{Fields, MESSAGE, REQUEST_ID, ROUTE};
use harness::Error;

pub(crate) const JSON: Contender = Contender {
    name: "slog-json",
    written: "`slog-json`, a `BufWriter` of 64 KiB behind a mutex, a child logger for the request",
    packages: &["slog", "slog-json"],
    environment: &[],
    start,
    request: |body| {
        let logger = ROOT.get().map(|root| root.new(o!("request_id" => REQUEST_ID, "route" => ROUTE)));
        LOGGER.set(logger);
        body();
        LOGGER.set(None);
    },
    event,
};

static ROOT: OnceLock<Logger> = OnceLock::new();

thread_local! {
    static LOGGER: RefCell<Option<Logger>> = const { RefCell::new(None) };
}

fn start(directory: &Path) -> Result<Running, Error> {
    let writer = Shared::create(directory)?;
    let json = slog_json::Json::new(writer.clone()).add_default_keys().build();
    ROOT.set(Logger::root(Mutex::new(json).fuse(), o!())).map_err(|_| "started twice")?;
    Ok(Running::that_flushes(move || writer.flush_all()))
}

fn event(number: u64) {
    let Fields { number, path, bytes, elapsed_ms, cached } = Fields::of(number);
    LOGGER.with_borrow(|logger| {
        let logger = logger.as_ref().expect("events come within a request");
        info!(logger, "{MESSAGE}"; "number" => number, "path" => path, "bytes" => bytes,
            "elapsed_ms" => elapsed_ms, "cached" => cached);
    });
}
