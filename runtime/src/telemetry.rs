//! Sets both pipelines up, and takes them down.

mod log_metrics;
mod level_metrics;
#[cfg(unix)]
mod hangup;

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tracing_subscriber::Registry;
use tracing_subscriber::layer::SubscriberExt;

use self::level_metrics::LevelMetrics;
use self::log_metrics::LogMetrics;
use crate::call_site::arm_all;
use crate::error::{Error, Kind};
use crate::level::LevelHandle;
use crate::logs::{Console, Durability, LogFormat, LogRotation, LogSettings, Logs, Overflow, Unwritten};
use crate::measurement::{Address, Exporter, Listener, Page, Token};
use crate::observer::{Failure, Level, Observer, Performance, observe};
use crate::settings::{Chosen, Settings};

/// How long a guard waits for the log files before it says what is not in them.
const SHUTDOWN: Duration = Duration::from_secs(10);

static INSTALLED: AtomicBool = AtomicBool::new(false);

/// Installs logs and metrics as the environment says.
///
/// ```no_run
/// # fn main() -> Result<(), tachograph::Error> {
/// let _telemetry = tachograph::init("mirror")?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// Where a variable cannot be read, a log file cannot be opened, the metrics address is taken, telemetry or another
/// tracing subscriber is installed already. Nothing is installed then.
pub fn init(service: &str) -> Result<Telemetry, Error> {
    builder(service).install()
}

/// Settings in code; what is not set here comes from the environment.
///
/// ```no_run
/// # fn main() -> Result<(), tachograph::Error> {
/// let _telemetry = tachograph::builder("mirror").log_dir("data/logs").level("info").metrics_addr("off").install()?;
/// # Ok(())
/// # }
/// ```
pub fn builder(service: &str) -> Builder {
    Builder { service: service.to_owned(), chosen: Chosen::default() }
}

/// Settings on their way to [`Builder::install`]. What is set here wins over the environment.
#[derive(Clone, Debug)]
#[must_use = "nothing is installed before `install`"]
pub struct Builder {
    service: String,
    chosen: Chosen,
}

impl Builder {
    /// A level or tracing filter directives, as in `LOG_LEVEL`.
    pub fn level(mut self, level: &str) -> Self {
        self.chosen.level = Some(level.to_owned());
        self
    }

    /// The directory of the log files; created when missing.
    pub fn log_dir(mut self, directory: impl Into<PathBuf>) -> Self {
        self.chosen.log_dir = Some(directory.into());
        self
    }

    /// The size at which a log file is rotated, in bytes.
    pub const fn log_max_bytes(mut self, bytes: u64) -> Self {
        self.chosen.log_max_bytes = Some(bytes);
        self
    }

    /// How many rotated files are kept beside each current one.
    pub const fn log_backups(mut self, count: u32) -> Self {
        self.chosen.log_backups = Some(count);
        self
    }

    /// When log files are rotated: by size, which is the default, by day, or both.
    pub const fn log_rotation(mut self, rotation: LogRotation) -> Self {
        self.chosen.log_rotation = Some(rotation);
        self
    }

    /// What all log files of the service may have together, in bytes: the oldest backups go first, the current files never.
    /// At least three times the size at which one is rotated; 0, the default: any size.
    pub const fn log_max_total_bytes(mut self, bytes: u64) -> Self {
        self.chosen.log_max_total_bytes = Some(bytes);
        self
    }

    /// How long after its last line a backup is removed; zero, the default: not for its age.
    pub const fn log_max_age(mut self, age: Duration) -> Self {
        self.chosen.log_max_age = Some(age);
        self
    }

    /// Whether backups are compressed with gzip, in the background; then they are called `.1.gz` and so on.
    pub const fn log_compress(mut self, compress: bool) -> Self {
        self.chosen.log_compress = Some(compress);
        self
    }

    /// Whether the signal SIGHUP opens the log files anew, as [`Telemetry::reopen`] does, instead of ending the process.
    /// A handler that the program has installed before runs as well. Elsewhere than on Unix it does nothing.
    pub const fn log_reopen_on_sighup(mut self, reopen: bool) -> Self {
        self.chosen.log_reopen_on_sighup = Some(reopen);
        self
    }

    /// Whether the signal `SIGUSR1` makes the log one step more verbose, as [`LevelHandle::raise`] does, and `SIGUSR2` has it as
    /// configured again, as [`LevelHandle::reset`] does, instead of ending the process. Handlers that the program has installed
    /// before run as well; one that it installs later by itself takes their place. A copy of the process (`fork`)
    /// attends to them from its first event on. Elsewhere than on Linux it does nothing.
    pub const fn log_level_signals(mut self, attend: bool) -> Self {
        self.chosen.log_level_signals = Some(attend);
        self
    }

    /// What goes to standard error.
    pub const fn console(mut self, console: Console) -> Self {
        self.chosen.console = Some(console);
        self
    }

    /// What a full log queue does, as in `LOG_OVERFLOW`.
    pub const fn log_overflow(mut self, overflow: Overflow) -> Self {
        self.chosen.log_overflow = Some(overflow);
        self
    }

    /// What becomes of the queue where the process is killed, as in `LOG_DURABILITY`.
    pub const fn log_durability(mut self, durability: Durability) -> Self {
        self.chosen.log_durability = Some(durability);
        self
    }

    /// Whether a signal that would end the process waits until what is queued is written, at most five seconds; `true`
    /// unless set. It concerns `SIGTERM`, `SIGINT` and `SIGHUP` where the program neither handles nor ignores them, and
    /// the process ends by the signal all the same.
    pub const fn flush_on_signals(mut self, flush: bool) -> Self {
        self.chosen.flush_on_signals = Some(flush);
        self
    }

    /// How the keys of records are named, as in `LOG_FORMAT`.
    pub const fn log_format(mut self, format: LogFormat) -> Self {
        self.chosen.log_format = Some(format);
        self
    }

    /// What a record is cut at, from 1024 bytes to 16 MiB; one that was cut says `"truncated":true`.
    pub const fn max_record_bytes(mut self, bytes: usize) -> Self {
        self.chosen.max_record_bytes = Some(bytes);
        self
    }

    /// How many records each call site of `tracing` may write in a second, at least 1. What is suppressed is counted, and told
    /// in the call site's next record, or in one of its own when the second is over.
    pub const fn log_rate_limit(mut self, per_second: u32) -> Self {
        self.chosen.log_rate_limit = Some(per_second);
        self
    }

    /// From which duration on a call writes a performance record, where its attribute does not say.
    pub const fn performance_threshold(mut self, threshold: Duration) -> Self {
        self.chosen.performance_threshold = Some(threshold);
        self
    }

    /// Where the metrics are served: an address and port, of which 0 takes a free one, or `off`, or `unix:` and the path
    /// of a socket. Only the owner of the process may connect to a socket; it takes the place of one that a dead process
    /// left, and its name goes when telemetry stops.
    pub fn metrics_addr(mut self, address: &str) -> Self {
        self.chosen.metrics_addr = Some(address.to_owned());
        self
    }

    /// What a scrape must bring in a header `Authorization: Bearer …`, as in `METRICS_TOKEN`: visible ASCII characters
    /// without blanks. `/healthz` and `/readyz` are open all the same.
    pub fn metrics_token(mut self, token: &str) -> Self {
        self.chosen.metrics_token = Some(token.to_owned().into());
        self
    }

    /// Installs logs and metrics.
    ///
    /// # Errors
    /// As for [`init`].
    pub fn install(self) -> Result<Telemetry, Error> {
        let settings = Settings::new(&self.service, self.chosen)?;
        if INSTALLED.swap(true, Ordering::AcqRel) {
            return Err(Kind::AlreadyInstalled.into());
        }
        let installed = Telemetry::install(settings);
        INSTALLED.store(installed.is_ok(), Ordering::Release);
        installed
    }
}

/// Keeps logs and metrics going; flushes and stops them when it drops.
#[must_use = "dropping the guard stops logs and metrics: bind it, `let _telemetry = …`"]
pub struct Telemetry {
    logs: Logs,
    log_dir: PathBuf,
    level: LevelHandle,
    page: Arc<Page>,
    exporter: Option<Exporter>,
}

impl Telemetry {
    fn install(settings: Settings) -> Result<Self, Error> {
        if tracing::dispatcher::has_been_set() {
            return Err(Kind::ForeignSubscriber.into());
        }
        // Taken first: it is the likeliest refusal, and leaves nothing behind.
        let listener = settings.metrics_addr.map(listen).transpose()?;
        let logs = Logs::open(LogSettings {
            service: settings.service,
            dir: settings.log_dir.clone(),
            rotation: settings.log_rotation,
            max_bytes: settings.log_max_bytes,
            backups: settings.log_backups,
            max_total_bytes: settings.log_max_total_bytes,
            max_age: settings.log_max_age,
            compress: settings.log_compress,
            console: settings.console,
            overflow: settings.log_overflow,
            durability: settings.log_durability,
            format: settings.log_format,
            max_record_bytes: settings.max_record_bytes,
            rate_limit: settings.log_rate_limit,
        })?;
        let level = LevelHandle::new(settings.level, logs.clone());
        let subscriber = Registry::default().with(level.layer()).with(logs.layer());
        if tracing::subscriber::set_global_default(subscriber).is_err() {
            let _ = logs.shutdown(SHUTDOWN);
            return Err(Kind::ForeignSubscriber.into());
        }
        #[cfg(unix)]
        if settings.log_reopen_on_sighup {
            hangup::reopen_on_sighup(logs.reopener())?;
        }
        let page = Arc::new(Page::install(vec![
            Box::new(LogMetrics(logs.clone())),
            Box::new(LevelMetrics(level.clone())),
        ]));
        let token = settings.metrics_token;
        let exporter = listener.map(|listener| serve(listener, token, &page)).transpose()?;
        observe(Box::new(CallRecords(logs.clone())));
        arm_all(settings.performance_threshold);
        chain_panic_hook(logs.clone());
        #[cfg(unix)]
        crate::logs::process::attend(&logs);
        #[cfg(unix)]
        crate::level::attend_copies(&level);
        #[cfg(target_os = "linux")]
        if settings.log_level_signals {
            crate::level::signals::attend(&level)?;
        }
        #[cfg(target_os = "linux")]
        if settings.flush_on_signals {
            let attended = crate::logs::signals::attend(&logs);
            attended.map_err(|source| Kind::Thread { name: "tachograph-signal", source })?;
        }
        if let Some(exporter) = &exporter {
            exporter.set_ready(true);
        }
        Ok(Self { logs, log_dir: settings.log_dir, level, page, exporter })
    }
}

impl Telemetry {
    /// Where the metrics are served; with port 0 asked for, the port that was taken. None where it is no address of the
    /// network.
    pub fn metrics_addr(&self) -> Option<SocketAddr> {
        match self.exporter.as_ref()?.address() {
            Address::Tcp(address) => Some(*address),
            Address::Unix(_) => None,
        }
    }

    /// The path of the socket that the metrics are served on, where it is one.
    pub fn metrics_socket(&self) -> Option<&Path> {
        match self.exporter.as_ref()?.address() {
            Address::Tcp(_) => None,
            Address::Unix(path) => Some(path),
        }
    }

    /// The directory of the log files.
    pub fn log_dir(&self) -> &Path {
        &self.log_dir
    }

    /// The metrics page as a scrape would get it now.
    pub fn render(&self) -> String {
        let mut page = String::new();
        self.render_to(&mut page);
        page
    }

    /// The same, in place of what `page` holds: for a program that serves the page itself, and has the room from the time
    /// before.
    pub fn render_to(&self, page: &mut String) {
        self.page.text_to(page);
    }

    /// Changes the level or the filter directives while the program runs.
    ///
    /// # Errors
    /// Where they cannot be read; the ones before stay in force.
    pub fn set_level(&self, level: &str) -> Result<(), Error> {
        self.level.set(level)
    }

    /// What does the same from elsewhere: from another thread, or the handler of a request.
    pub fn level_handle(&self) -> LevelHandle {
        self.level.clone()
    }

    /// Waits until every record made before this call is in its file, at most for `timeout`.
    ///
    /// # Errors
    /// Says what was not written by then; it is still written as soon as that is possible.
    pub fn flush(&self, timeout: Duration) -> Result<(), Unwritten> {
        self.logs.flush(timeout)
    }

    /// Opens the log files anew before anything more is written, for tools that move them away. Also without it a file that was
    /// moved, removed or cut short is noticed before the next record is written.
    pub fn reopen(&self) {
        self.logs.reopen();
    }

    /// What the drop of the guard does, with the answer to whether all records are in their files.
    ///
    /// # Errors
    /// Says what could not be written within ten seconds.
    pub fn shutdown(mut self) -> Result<(), Unwritten> {
        self.stop()
    }

    fn stop(&mut self) -> Result<(), Unwritten> {
        if let Some(exporter) = self.exporter.take() {
            exporter.shutdown();
        }
        self.logs.shutdown(SHUTDOWN)
    }
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        // Standard error may be closed, and then `eprintln!` would panic; the loss is also counted.
        let _ = self.stop();
    }
}

impl fmt::Debug for Telemetry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { log_dir, .. } = self;
        formatter.debug_struct("Telemetry").field("log_dir", log_dir).finish_non_exhaustive()
    }
}

fn listen(address: Address) -> Result<Listener, Error> {
    Exporter::bind(&address).map_err(|source| Kind::Listen { address, source }.into())
}

fn serve(listener: Listener, token: Option<Token>, page: &Arc<Page>) -> Result<Exporter, Error> {
    let page = Arc::clone(page);
    let served = listener.serve(token, move |format| page.render(format));
    served.map_err(|source| Kind::Thread { name: "tachograph-http", source }.into())
}

/// Sends the records of calls to the log pipeline.
struct CallRecords(Logs);

impl Observer for CallRecords {
    fn performance(&self, performance: &Performance<'_>) {
        let passes = tracing::enabled!(target: "tachograph::performance", tracing::Level::INFO);
        self.0.performance(performance, passes);
    }

    fn failure(&self, failure: &Failure<'_>) {
        let passes = match failure.level {
            Level::Trace => tracing::enabled!(target: "tachograph::failure", tracing::Level::TRACE),
            Level::Debug => tracing::enabled!(target: "tachograph::failure", tracing::Level::DEBUG),
            Level::Info => tracing::enabled!(target: "tachograph::failure", tracing::Level::INFO),
            Level::Warn => tracing::enabled!(target: "tachograph::failure", tracing::Level::WARN),
            Level::Error => tracing::enabled!(target: "tachograph::failure", tracing::Level::ERROR),
        };
        if passes {
            self.0.failure(failure);
        }
    }
}

/// A panic becomes a record before it becomes whatever the program's own hook makes of it.
fn chain_panic_hook(logs: Logs) {
    let inner = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        logs.panic(panic);
        inner(panic);
    }));
}
