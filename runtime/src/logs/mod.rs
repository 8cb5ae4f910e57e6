//! The log pipeline: what happens becomes a record, a record one line, and a line is copied into a queue, from which
//! one thread writes it to every log that it goes to.
//!
//! ```text
//! event, performance, failure, panic ─► Record ─► encode ─► Queue ─► Writer ─┬─► LogFile ─► Disk   (main, error,
//!            Context, spans ────────────┘                                    │   (Rotation)         performance)
//!                                                                            └─► Console ─► stderr, by another thread
//! ```

mod layer;
mod record;
mod members;
mod redact;
mod encode;
mod escape;
mod timestamp;
mod route;
mod batch;
mod queue;
mod writer;
mod files;
mod file;
mod rotation;
mod backups;
mod chain;
mod keeper;
mod retention;
mod compress;
mod lock;
mod disk;
mod trouble;
mod console;
mod scan;
mod counters;
mod sources;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use parking_lot::Mutex;

pub use self::console::Console;
pub(crate) use self::counters::Count;
pub(crate) use self::layer::LogLayer;
pub use self::queue::Unwritten;
pub use self::rotation::LogRotation;

use self::console::ConsoleWriter;
use self::counters::{Counters, Reason};
use self::disk::{Disk, RealDisk};
use self::files::Files;
use self::queue::{Pushed, QUEUE_BYTES, Queue};
use self::route::{Log, Route};
use self::writer::Writer;
use crate::clock;
use crate::error::{Error, Kind};
use crate::reentry::TELLING;

/// What the log pipeline is told once.
#[derive(Clone, Debug)]
pub(crate) struct LogSettings {
    /// Log files are named after it.
    pub(crate) service: String,
    pub(crate) dir: PathBuf,
    pub(crate) rotation: LogRotation,
    /// The size that no file passes; 0: none.
    pub(crate) max_bytes: u64,
    /// How many files are kept besides the current one; 0: files are never rotated.
    pub(crate) backups: u32,
    /// What all files may have together; 0: any size.
    pub(crate) max_total_bytes: u64,
    /// How old a backup may be.
    pub(crate) max_age: Option<Duration>,
    /// Backups are compressed.
    pub(crate) compress: bool,
    pub(crate) console: Console,
}

/// The log pipeline; its clones are the same one.
#[derive(Clone)]
pub(crate) struct Logs(Arc<Pipeline>);

struct Pipeline {
    /// The logger of performance records.
    performance_logger: String,
    queue: Arc<Queue>,
    counters: Arc<Counters>,
    console: ConsoleWriter,
    /// The files are to be opened anew.
    reopen: Arc<AtomicBool>,
    thread: Mutex<WriterThread>,
}

/// Where the writer is.
enum WriterThread {
    Running(JoinHandle<Writer>),
    /// At home: what comes after the end is written by whoever brings it.
    Ended(Box<Writer>),
    /// It panicked.
    Lost,
}

/// What `shutdown` grants the writer to end, even where the caller gave it no time.
const GRACE: Duration = Duration::from_millis(100);

impl Logs {
    /// Creates the directory, opens the files and starts the writer.
    pub(crate) fn open(settings: LogSettings) -> Result<Self, Error> {
        Self::open_on(Arc::new(RealDisk), settings, QUEUE_BYTES)
    }

    fn open_on(disk: Arc<dyn Disk>, settings: LogSettings, queue_bytes: usize) -> Result<Self, Error> {
        let counters = Arc::new(Counters::default());
        let mut files = Files::open(&settings, &disk, &counters)?;
        if settings.compress {
            files.compress()?;
        }
        let console = ConsoleWriter::stderr(settings.console, Arc::clone(&counters));
        let reopen = Arc::new(AtomicBool::new(false));
        let writer = Writer::new(files, console.clone(), Arc::clone(&counters), Arc::clone(&reopen));

        let queue = Arc::new(Queue::new(queue_bytes));
        let name = "tachograph-log";
        let work = Arc::clone(&queue);
        let thread = thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || TELLING.shield(|| writer.run(&work)))
            .map_err(|source| Kind::Thread { name, source })?;
        let performance_logger = format!("{}.performance", settings.service);
        let thread = Mutex::new(WriterThread::Running(thread));
        Ok(Self(Arc::new(Pipeline { performance_logger, queue, counters, console, reopen, thread })))
    }

    /// Takes the events and spans of `tracing`.
    pub(crate) fn layer(&self) -> LogLayer {
        LogLayer(self.clone())
    }

    /// Waits until every record made so far is in its files; tells what is not after `timeout`.
    pub(crate) fn flush(&self, timeout: Duration) -> Result<(), Unwritten> {
        let deadline = clock::ticks().saturating_add(clock::ticks_in(timeout));
        let flushed = self.0.queue.flush(timeout);
        // Also whoever watches sees them, unless that is somebody who has stopped reading.
        self.0.console.drain(clock::duration(deadline.saturating_sub(clock::ticks())));
        flushed
    }

    /// Opens the files anew before anything more is written, as after they were moved.
    pub(crate) fn reopen(&self) {
        self.0.reopen.store(true, Ordering::Relaxed);
    }

    /// Flushes and ends the writer; tells what could not be written. Later records are written by the thread that
    /// makes them; where the writer could not be ended, because a write of it hangs, they are counted as dropped.
    pub(crate) fn shutdown(&self, timeout: Duration) -> Result<(), Unwritten> {
        TELLING.shield(|| {
            let deadline = clock::ticks().saturating_add(clock::ticks_in(timeout));
            // Whether it succeeds shows below, where the writer has had its last attempt.
            let _ = self.flush(timeout);
            // Held until the writer is at home, so that a record made meanwhile waits for it.
            let mut thread = self.0.thread.lock();
            self.0.queue.close();
            let left = clock::duration(deadline.saturating_sub(clock::ticks()));
            let (finished, unwritten) = self.0.queue.wait_finished(left.max(GRACE));
            thread.at_home(finished);
            let left = clock::duration(deadline.saturating_sub(clock::ticks()));
            self.0.console.drain(left.max(GRACE));
            unwritten
        })
    }

    /// What does the same when it is set: for a signal handler.
    #[cfg(unix)]
    pub(crate) fn reopener(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0.reopen)
    }

    /// The state of all counters.
    pub(crate) fn counters(&self) -> Vec<Count> {
        self.0.counters.snapshot()
    }

    /// Sends a line on its way.
    fn submit(&self, line: &[u8], route: Route) {
        TELLING.shield(|| match self.0.queue.push(line, route, route.goes_to(Log::Error)) {
            Pushed::Accepted => {}
            Pushed::Full => self.0.counters.dropped_everywhere(route, Reason::QueueFull),
            Pushed::Closed => self.submit_late(line, route),
        });
    }

    fn submit_late(&self, line: &[u8], route: Route) {
        let mut thread = self.0.thread.lock();
        let (finished, _) = self.0.queue.wait_finished(Duration::ZERO);
        match thread.at_home(finished) {
            Some(writer) => {
                writer.write_late(line, route);
                self.0.console.drain(GRACE);
            }
            None => self.0.counters.dropped_everywhere(route, Reason::Shutdown),
        }
    }
}

impl WriterThread {
    /// The writer, if its thread has ended and left it.
    fn at_home(&mut self, finished: bool) -> Option<&mut Writer> {
        if finished && matches!(self, Self::Running(_)) {
            *self = match std::mem::replace(self, Self::Lost) {
                Self::Running(thread) => {
                    thread.join().map_or(Self::Lost, |writer| Self::Ended(Box::new(writer)))
                }
                other => other,
            };
        }
        match self {
            Self::Ended(writer) => Some(writer),
            Self::Running(_) | Self::Lost => None,
        }
    }
}
