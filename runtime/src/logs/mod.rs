//! The log pipeline: what happens becomes a record, a record one line, and a line is copied into a queue, from which
//! one thread writes it to every log that it goes to.
//!
//! ```text
//! event ─► Site (RateLimit) ─┐
//! performance, failure, panic ┴─► Record ─► Queue ─► Writer ─┬─► LogFile ─► Disk   (main, error, performance)
//!   spans, Context ─► Members ────┘                          │   (Rotation)
//!                                                            └─► Console
//! ```

mod layer;
mod rate;
mod site;
mod spans;
mod record;
mod format;
mod members;
mod names;
mod redact;
mod encode;
mod escape;
mod timestamp;
mod route;
mod batch;
mod queue;
mod writer;
mod file;
mod rotation;
mod disk;
mod console;
mod scan;
mod counters;
mod sources;
#[cfg(test)]
mod tests;

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use parking_lot::Mutex;
use tracing::Metadata;

pub use self::console::Console;
pub(crate) use self::counters::Count;
pub use self::format::LogFormat;
pub(crate) use self::layer::LogLayer;
pub(crate) use self::members::Members;
pub use self::queue::Unwritten;
pub(crate) use self::record::MAX_RECORD_BYTES;

use self::console::ConsoleWriter;
use self::counters::{Counters, Reason};
use self::disk::{Disk, RealDisk};
use self::file::LogFile;
use self::format::Format;
use self::queue::{Pushed, QUEUE_BYTES, Queue};
use self::rate::RateLimit;
use self::record::{Origin, Record};
use self::rotation::Rotation;
use self::route::{Log, Route};
use self::site::{Site, Sites};
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
    /// The size that no file passes; 0: files are never rotated.
    pub(crate) max_bytes: u64,
    /// How many files are kept besides the current one; 0: files are never rotated.
    pub(crate) backups: u32,
    pub(crate) console: Console,
    pub(crate) format: LogFormat,
    /// What a record is cut at.
    pub(crate) max_record_bytes: usize,
    /// How many records a call site may write in a second.
    pub(crate) rate_limit: Option<NonZeroU32>,
}

/// The log pipeline; its clones are the same one.
#[derive(Clone)]
pub(crate) struct Logs(Arc<Pipeline>);

struct Pipeline {
    /// The logger of performance records.
    performance_logger: String,
    format: Arc<Format>,
    sites: Sites,
    rate_limit: RateLimit,
    queue: Arc<Queue>,
    counters: Arc<Counters>,
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
        let failed = |operation, path: &Path| {
            let path = path.to_owned();
            move |source| Kind::Io { operation, path, source }
        };
        disk.create_dir(&settings.dir).map_err(failed("create the log directory", &settings.dir))?;
        let rotation = Rotation { max_bytes: settings.max_bytes, backups: settings.backups };
        let open = |log: Log| -> Result<LogFile, Error> {
            let path = settings.dir.join(log.file_name(&settings.service));
            let opened = LogFile::open(log, &path, rotation, Arc::clone(&disk), Arc::clone(&counters));
            Ok(opened.map_err(failed("open the log file", &path))?)
        };
        let files = [open(Log::Main)?, open(Log::Error)?, open(Log::Performance)?];
        let format = Arc::new(Format::new(settings.format, &settings.service, settings.max_record_bytes));
        let console = ConsoleWriter::stderr(settings.console, settings.format, Arc::clone(&counters));
        let writer = Writer::new(files, console, Arc::clone(&counters), Arc::clone(&format));

        let queue = Arc::new(Queue::new(queue_bytes));
        let name = "tachograph-log";
        let work = Arc::clone(&queue);
        let thread = thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || TELLING.shield(|| writer.run(&work)))
            .map_err(|source| Kind::Thread { name, source })?;
        let performance_logger = format!("{}.performance", settings.service);
        let thread = Mutex::new(WriterThread::Running(thread));
        let (sites, rate_limit) = (Sites::new(), RateLimit::new(settings.rate_limit));
        let pipeline = Pipeline { performance_logger, format, sites, rate_limit, queue, counters, thread };
        Ok(Self(Arc::new(pipeline)))
    }

    /// Takes the events and spans of `tracing`.
    pub(crate) fn layer(&self) -> LogLayer {
        LogLayer(self.clone())
    }

    /// Waits until every record made so far is in its files; tells what is not after `timeout`.
    pub(crate) fn flush(&self, timeout: Duration) -> Result<(), Unwritten> {
        self.tell_suppressed();
        self.0.queue.flush(timeout)
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
            unwritten
        })
    }

    /// The state of all counters.
    pub(crate) fn counters(&self) -> Vec<Count> {
        self.0.counters.snapshot()
    }

    fn format(&self) -> &Format {
        &self.0.format
    }

    /// Tells this pipeline from others of the process.
    fn number(&self) -> usize {
        Arc::as_ptr(&self.0).addr()
    }

    fn site(&self, metadata: &'static Metadata<'static>) -> &Site {
        self.0.sites.find(metadata, &self.0.format)
    }

    /// Whether a call site may write now; if so, how many of its records were suppressed since the last one.
    fn admit(&self, site: &Site, time: Duration) -> Option<u64> {
        let admitted = self.0.rate_limit.admit(&site.window, time.as_secs());
        if admitted.is_none() {
            self.0.counters.dropped_everywhere(site.route, Reason::RateLimited);
        }
        admitted
    }

    /// Tells of call sites that were silenced in a second that is over, and have said nothing since.
    fn tell_suppressed_before(&self, time: Duration) {
        if self.0.rate_limit.is_due(time.as_secs()) {
            self.tell_suppressed();
        }
    }

    /// Tells of all call sites that were silenced, a record for each.
    #[cold]
    fn tell_suppressed(&self) {
        for site in self.0.sites.iter() {
            let suppressed = site.window.take_suppressed();
            if suppressed > 0 {
                Record::compose(&self.0.format, clock::unix_time(), Origin::Place(&site.place()), |record| {
                    record.tell_suppressed(suppressed);
                    record.message(format_args!("log records were suppressed"));
                    self.submit(record.finish(), site.route);
                });
            }
        }
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
            Some(writer) => writer.write_late(line, route),
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
