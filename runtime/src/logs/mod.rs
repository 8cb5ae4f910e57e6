//! The log pipeline: what happens becomes a record, a record one line, and a line is copied into a queue, from which
//! one thread writes it to every log that it goes to.
//!
//! ```text
//! event ─► Site (RateLimit) ─┐
//! performance, failure, panic ┴─► Record ─► Queue ─► Writer ─┬─► LogFile ─► Disk   (main, error, performance)
//!   spans, Context ─► Members ────┘                          │   (Rotation)
//!                                                            └─► Console ─► stderr, by another thread
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
mod sync;
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
#[cfg(unix)]
mod spool;
#[cfg(unix)]
mod recovery;
#[cfg(unix)]
pub(crate) mod process;
#[cfg(target_os = "linux")]
pub(crate) mod signals;
mod sources;
#[cfg(test)]
mod tests;

use std::io;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use tracing::Metadata;

pub use self::console::Console;
pub(crate) use self::counters::Count;
pub use self::format::LogFormat;
pub(crate) use self::layer::LogLayer;
pub(crate) use self::members::Members;
pub use self::queue::{Overflow, Unwritten};
pub(crate) use self::record::MAX_RECORD_BYTES;
pub use self::rotation::LogRotation;

use self::batch::Batch;
use self::console::ConsoleWriter;
use self::counters::{Counters, Reason};
use self::disk::{Disk, RealDisk};
use self::files::Files;
use self::format::Format;
use self::queue::{Pushed, QUEUE_BYTES, Queue};
use self::rate::RateLimit;
use self::record::{Origin, Record};
use self::route::{Log, Route};
use self::site::{Site, Sites};
#[cfg(unix)]
use self::spool::Spool;
use self::trouble::Trouble;
use self::writer::{CurrentWriter, SharedWriter, Step, Writer};
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
    pub(crate) overflow: Overflow,
    pub(crate) durability: Durability,
    pub(crate) format: LogFormat,
    /// What a record is cut at.
    pub(crate) max_record_bytes: usize,
    /// How many records a call site may write in a second.
    pub(crate) rate_limit: Option<NonZeroU32>,
}

/// What becomes of records that were accepted, where the process is killed before they are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// They are lost, save for those of level `ERROR`, which are written at once.
    #[default]
    Memory,
    /// They are written by the next start of the service, in order and once: until then they are in a file beside the
    /// logs, of about 9 MiB. This holds where the process ends, not where the machine does.
    Spool,
}

/// The name of the writer's thread.
const THREAD: &str = "tachograph-log";

/// The log pipeline; its clones are the same one.
#[derive(Clone)]
pub(crate) struct Logs(Arc<Pipeline>);

struct Pipeline {
    /// The logger of performance records.
    performance_logger: String,
    parts: Parts,
    sites: Sites,
    rate_limit: RateLimit,
    queue: Queue,
    writer: CurrentWriter,
}

/// What a writer is made of; the copy of a process makes a second one.
struct Parts {
    settings: LogSettings,
    disk: Arc<dyn Disk>,
    format: Arc<Format>,
    console: ConsoleWriter,
    counters: Arc<Counters>,
    /// The files are to be opened anew.
    reopen: Arc<AtomicBool>,
}

impl Parts {
    fn writer(&self) -> Result<Writer, Error> {
        let mut files = Files::open(&self.settings, &self.disk, &self.counters)?;
        if self.settings.compress {
            files.compress()?;
        }
        let trouble = Trouble::new(Arc::clone(&self.format));
        let (counters, reopen) = (Arc::clone(&self.counters), Arc::clone(&self.reopen));
        Ok(Writer::new(files, self.console.clone(), trouble, counters, reopen))
    }
}

/// How long the maker of a record of level `ERROR` waits for somebody else's write, at most.
const URGENCY: Duration = Duration::from_secs(1);

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
        #[cfg(unix)]
        let leftovers = recovery::leftovers(&settings.dir, &settings.service)
            .map_err(failed("look for log spools in", &settings.dir))?;
        let format = Arc::new(Format::new(settings.format, &settings.service, settings.max_record_bytes));
        let console = ConsoleWriter::stderr(settings.console, settings.format, Arc::clone(&counters));
        let parts = Parts { settings, disk, format, console, counters, reopen: Arc::default() };
        let mut writer = parts.writer()?;
        let settings = &parts.settings;
        let [filling, batch] = match settings.durability {
            Durability::Memory => [(); 2].map(|()| Batch::with_capacity(queue_bytes)),
            #[cfg(unix)]
            Durability::Spool => Spool::create(&settings.dir, &settings.service, queue_bytes)
                .map_err(failed("make room for a log spool of 9 MiB in", &settings.dir))?
                .map(Batch::in_spool),
        };
        #[cfg(unix)]
        writer.recover(leftovers);
        writer.take_over(batch);
        let writer = CurrentWriter::new(SharedWriter::new(writer));
        let queue = Queue::new(queue_bytes, settings.overflow, filling);
        let performance_logger = format!("{}.performance", settings.service);
        let (sites, rate_limit) = (Sites::new(), RateLimit::new(parts.settings.rate_limit));
        let logs = Self(Arc::new(Pipeline { performance_logger, parts, sites, rate_limit, queue, writer }));
        logs.start().map_err(|source| Kind::Thread { name: THREAD, source })?;
        Ok(logs)
    }

    /// Starts the writer's thread.
    fn start(&self) -> io::Result<()> {
        let pipeline = Arc::clone(&self.0);
        let work = move || TELLING.shield(|| pipeline.writer.get().run(&pipeline.queue));
        thread::Builder::new().name(THREAD.to_owned()).spawn(work).map(drop)
    }

    /// Takes the events and spans of `tracing`.
    pub(crate) fn layer(&self) -> LogLayer {
        LogLayer(self.clone())
    }

    /// Waits until every record made so far is in its files; tells what is not after `timeout`.
    pub(crate) fn flush(&self, timeout: Duration) -> Result<(), Unwritten> {
        self.tell_suppressed();
        let deadline = clock::ticks().saturating_add(clock::ticks_in(timeout));
        let flushed = self.0.queue.flush(timeout);
        // Also whoever watches sees them, unless that is somebody who has stopped reading.
        self.0.parts.console.drain(clock::duration(deadline.saturating_sub(clock::ticks())));
        flushed
    }

    /// Opens the files anew before anything more is written, as after they were moved.
    pub(crate) fn reopen(&self) {
        self.0.parts.reopen.store(true, Ordering::Relaxed);
    }

    /// Flushes and ends the writer; tells what could not be written. Later records are written by the thread that
    /// makes them; where the writer could not be ended, because a write of it hangs, they are counted as dropped.
    pub(crate) fn shutdown(&self, timeout: Duration) -> Result<(), Unwritten> {
        TELLING.shield(|| {
            let deadline = clock::ticks().saturating_add(clock::ticks_in(timeout));
            // Whether it succeeds shows below, where the writer has had its last attempt.
            let _ = self.flush(timeout);
            self.0.queue.close();
            let left = clock::duration(deadline.saturating_sub(clock::ticks()));
            let (_, unwritten) = self.0.queue.wait_finished(left.max(GRACE));
            let left = clock::duration(deadline.saturating_sub(clock::ticks()));
            self.0.parts.console.drain(left.max(GRACE));
            unwritten
        })
    }

    /// What does the same when it is set: for a signal handler.
    #[cfg(unix)]
    pub(crate) fn reopener(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0.parts.reopen)
    }

    /// The state of all counters.
    pub(crate) fn counters(&self) -> Vec<Count> {
        self.0.parts.counters.snapshot()
    }

    fn format(&self) -> &Format {
        &self.0.parts.format
    }

    /// Tells this pipeline from others of the process.
    fn number(&self) -> usize {
        Arc::as_ptr(&self.0).addr()
    }

    fn site(&self, metadata: &'static Metadata<'static>) -> &Site {
        self.0.sites.find(metadata, &self.0.parts.format)
    }

    /// Whether a call site may write now; if so, how many of its records were suppressed since the last one.
    fn admit(&self, site: &Site, time: Duration) -> Option<u64> {
        let admitted = self.0.rate_limit.admit(&site.window, time.as_secs());
        if admitted.is_none() {
            self.0.parts.counters.dropped_everywhere(site.route, Reason::RateLimited);
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
                Record::compose(
                    &self.0.parts.format,
                    clock::unix_time(),
                    Origin::Place(&site.place()),
                    |record| {
                        record.tell_suppressed(suppressed);
                        record.message(format_args!("log records were suppressed"));
                        self.submit(record.finish(), site.route);
                    },
                );
            }
        }
    }

    /// Sends a line on its way. One that goes to the error log is in its files when this returns, unless the disk fails.
    fn submit(&self, line: &[u8], route: Route) {
        let urgent = route.goes_to(Log::Error);
        TELLING.shield(|| {
            let mut pushed = self.0.queue.push(line, route, urgent);
            if pushed == Pushed::Full && urgent {
                // What is queued makes room for it.
                self.write_up_to(u64::MAX);
                pushed = self.0.queue.push(line, route, urgent);
            }
            if pushed == Pushed::Orphaned {
                self.adopt();
                pushed = self.0.queue.push(line, route, urgent);
            }
            match pushed {
                Pushed::Accepted(record) if urgent => self.write_up_to(record),
                Pushed::Accepted(_) => {}
                Pushed::Full | Pushed::Orphaned => {
                    self.0.parts.counters.dropped_everywhere(route, Reason::QueueFull)
                }
                Pushed::Closed => self.submit_late(line, route),
            }
        });
    }

    /// Gives a copy of the process a writer.
    fn adopt(&self) {
        self.0.queue.adopt(|is_closed| {
            // It is locked where it was in the midst of a write.
            if let Some(mut original) = self.0.writer.get().try_lock() {
                original.disown();
            }
            let made = self.0.parts.writer().map(|writer| self.0.writer.replace(SharedWriter::new(writer)));
            made.is_ok() && (is_closed || self.start().is_ok())
        });
    }

    /// Writes what is queued, up to the record of this number, unless the disk fails or takes too long.
    fn write_up_to(&self, record: u64) {
        let Pipeline { queue, writer, .. } = &*self.0;
        let writer = writer.get();
        let deadline = clock::ticks().saturating_add(clock::ticks_in(URGENCY));
        while !queue.is_settled(record) {
            match writer.try_lock() {
                Some(mut writer) => {
                    if writer.step(queue) != Step::Written {
                        return;
                    }
                }
                None if clock::ticks() > deadline => {
                    if !writer.is_showing() {
                        queue.stall();
                    }
                    return;
                }
                // Whoever writes may end between this question and the wait: hence no long one.
                None => queue.await_progress(record, Duration::from_millis(1)),
            }
        }
    }

    /// Writes a line that came after the end, once the writer has ended. Where its last write hangs or fails, the line is
    /// dropped.
    fn submit_late(&self, line: &[u8], route: Route) {
        let Pipeline { queue, writer, parts: Parts { counters, console, .. }, .. } = &*self.0;
        // The writer may have much to write yet: what counts is that it gets on. It is not waited for where it fails.
        let (mut is_finished, mut left) = queue.wait_finished(Duration::ZERO);
        while !is_finished && !queue.is_unwell() {
            let before = left;
            (is_finished, left) = queue.wait_finished(URGENCY);
            if left == before {
                break;
            }
        }
        if is_finished {
            writer.get().lock().write_late(line, route);
            console.drain(GRACE);
        } else {
            queue.stall();
            counters.dropped_everywhere(route, Reason::Shutdown);
        }
    }
}
