//! The JSON of `tracing-subscriber`, whose lines a lock or a thread writes.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use tracing::{info, info_span};
use tracing_appender::non_blocking::{NonBlocking, NonBlockingBuilder, WorkerGuard};

use super::{Contender, Running};
use crate::event::{Fields, MESSAGE, REQUEST_ID, ROUTE};
use harness::Error;

pub(crate) const BUFFERED: Contender = Contender {
    name: "ts-json",
    written: "`tracing_subscriber::fmt().json()`, a `BufWriter` of 64 KiB behind a mutex",
    packages: &["tracing-subscriber"],
    environment: &[],
    start: |directory| {
        let writer = Shared::create(directory)?;
        let ours = writer.clone();
        tracing_subscriber::fmt()
            .json()
            .with_writer(move || ours.clone())
            .try_init()
            .map_err(|e| e as Error)?;
        Ok(Running::that_flushes(move || writer.flush_all()))
    },
    request,
    event,
};

pub(crate) const NON_BLOCKING: Contender = Contender {
    name: "ts-json-nb",
    written: "`tracing_subscriber::fmt().json()`, `tracing_appender::non_blocking` that does not drop",
    packages: &["tracing-subscriber", "tracing-appender"],
    start: |directory| {
        let (writer, guard) = non_blocking(directory);
        tracing_subscriber::fmt().json().with_writer(writer).try_init().map_err(|e| e as Error)?;
        Ok(Running::that_flushes(move || drop(guard)))
    },
    ..BUFFERED
};

pub(super) fn non_blocking(directory: &Path) -> (NonBlocking, WorkerGuard) {
    let file = tracing_appender::rolling::never(directory, "app.log");
    NonBlockingBuilder::default().lossy(false).finish(file)
}

/// A buffered file that all threads write to.
#[derive(Clone)]
pub(super) struct Shared(Arc<Mutex<BufWriter<File>>>);

impl Shared {
    pub(super) fn create(directory: &Path) -> io::Result<Self> {
        let file = File::create(directory.join("app.log"))?;
        Ok(Self(Arc::new(Mutex::new(BufWriter::with_capacity(64 * 1024, file)))))
    }

    pub(super) fn flush_all(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).flush().expect("the disk has room");
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write_all(bytes)
    }

    /// A formatter flushes after each line, which would undo the buffer.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub(super) fn request(body: &mut dyn FnMut()) {
    info_span!("request", request_id = REQUEST_ID, route = ROUTE).in_scope(body);
}

pub(super) fn event(number: u64) {
    let Fields { number, path, bytes, elapsed_ms, cached } = Fields::of(number);
    info!(number, path, bytes, elapsed_ms, cached, "{MESSAGE}");
}
