//! `json-subscriber`, with the same writers as the JSON of `tracing-subscriber`.

use super::tracing_json::{Shared, event, non_blocking, request};
use super::{Contender, Running};

pub(crate) const BUFFERED: Contender = Contender {
    name: "json-subscriber",
    written: "`json_subscriber::fmt()`, a `BufWriter` of 64 KiB behind a mutex",
    packages: &["json-subscriber"],
    environment: &[],
    start: |directory| {
        let writer = Shared::create(directory)?;
        let ours = writer.clone();
        ::json_subscriber::fmt()
            .with_writer(move || ours.clone())
            .try_init()
            .map_err(|e| e as harness::Error)?;
        Ok(Running::that_flushes(move || writer.flush_all()))
    },
    request,
    event,
};

pub(crate) const NON_BLOCKING: Contender = Contender {
    name: "json-subscriber-nb",
    written: "`json_subscriber::fmt()`, `tracing_appender::non_blocking` that does not drop",
    packages: &["json-subscriber", "tracing-appender"],
    start: |directory| {
        let (writer, guard) = non_blocking(directory);
        ::json_subscriber::fmt().with_writer(writer).try_init().map_err(|e| e as harness::Error)?;
        Ok(Running::that_flushes(move || drop(guard)))
    },
    ..BUFFERED
};
