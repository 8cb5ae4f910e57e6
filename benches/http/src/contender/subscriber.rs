//! The subscriber of contenders that are made of spans: JSON lines in a file that a thread writes.

use std::path::Path;

use harness::Error;
use tracing_appender::non_blocking::NonBlockingBuilder;

/// At the level `info`, which is the default. No line is dropped.
pub(super) fn install(directory: &Path) -> Result<(), Error> {
    let file = tracing_appender::rolling::never(directory, "app.log");
    let (writer, guard) = NonBlockingBuilder::default().lossy(false).finish(file);
    // The server is ended by its measurer, who reads no lines.
    std::mem::forget(guard);
    tracing_subscriber::fmt().json().with_writer(writer).try_init().map_err(|error| error as Error)
}
