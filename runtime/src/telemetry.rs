//! Sets both pipelines up, and takes them down.

mod log_metrics;

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::{EnvFilter, Registry, reload};

use self::log_metrics::LogMetrics;
use crate::call_site::arm_all;
use crate::error::{Error, Kind};
use crate::logs::{Console, LogSettings, Logs, Unwritten};
use crate::metrics::{Exporter, Page};
use crate::observer::{Failure, Observer, Performance, observe};
use crate::settings::{Chosen, Settings, directives};

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

    /// What goes to standard error.
    pub const fn console(mut self, console: Console) -> Self {
        self.chosen.console = Some(console);
        self
    }

    /// From which duration on a call writes a performance record, where its attribute does not say.
    pub const fn performance_threshold(mut self, threshold: Duration) -> Self {
        self.chosen.performance_threshold = Some(threshold);
        self
    }

    /// Where the metrics are served, or `off`; port 0 takes a free one.
    pub fn metrics_addr(mut self, address: &str) -> Self {
        self.chosen.metrics_addr = Some(address.to_owned());
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
    filter: reload::Handle<EnvFilter, Registry>,
    page: Arc<Page>,
    exporter: Option<Exporter>,
}

impl Telemetry {
    fn install(settings: Settings) -> Result<Self, Error> {
        if tracing::dispatcher::has_been_set() {
            return Err(Kind::ForeignSubscriber.into());
        }
        let listener = settings.metrics_addr.map(listen).transpose()?;
        let logs = Logs::open(LogSettings {
            service: settings.service,
            dir: settings.log_dir.clone(),
            max_bytes: settings.log_max_bytes,
            backups: settings.log_backups,
            console: settings.console,
        })?;
        // Parsed once already, when the settings were checked.
        let (filter, handle) = reload::Layer::new(EnvFilter::new(&settings.level));
        let subscriber = Registry::default().with(filter).with(logs.layer());
        if tracing::subscriber::set_global_default(subscriber).is_err() {
            let _ = logs.shutdown(SHUTDOWN);
            return Err(Kind::ForeignSubscriber.into());
        }
        let page = Arc::new(Page::install(vec![Box::new(LogMetrics(logs.clone()))]));
        let exporter = listener.map(|listener| serve(listener, &page)).transpose()?;
        observe(Box::new(CallRecords(logs.clone())));
        arm_all(settings.performance_threshold);
        chain_panic_hook(logs.clone());
        Ok(Self { logs, log_dir: settings.log_dir, filter: handle, page, exporter })
    }
}
