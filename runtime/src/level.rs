//! What is logged, and how that changes while the program runs: by itself, or by a signal.

mod directives;
mod filters;
#[cfg(unix)]
mod copies;
#[cfg(target_os = "linux")]
pub(crate) mod signals;

use std::fmt;
use std::sync::Arc;

use tracing_subscriber::filter::LevelFilter;

#[cfg(unix)]
pub(crate) use self::copies::attend as attend_copies;
pub(crate) use self::directives::Directives;
pub(crate) use self::filters::FilterLayer;

use self::filters::Filters;
use crate::error::{Error, Kind};
use crate::logs::Logs;
use crate::reentry::TELLING;

/// Changes what is logged while the program runs. Cheap to clone, and safe to give to other threads, to the handler of an
/// administrator's requests, say: [`Telemetry::level_handle`](crate::Telemetry::level_handle) gives it.
///
/// ```
/// # fn main() -> Result<(), tachograph::Error> {
/// # let directory = std::env::temp_dir().join(format!("tachograph-level-{}", std::process::id()));
/// # let builder = tachograph::builder("mirror").log_dir(&directory).console(tachograph::Console::Off);
/// # let telemetry = builder.level("info").metrics_addr("off").install()?;
/// let level = telemetry.level_handle();
/// std::thread::spawn(move || {
///     level.set("info,mirror::download=debug")?;
///     assert_eq!(level.get(), "info,mirror::download=debug");
///     let error = level.set("loud").unwrap_err();
///     assert!(error.to_string().starts_with("level is `loud`, which is not a level"));
///     assert_eq!(level.get(), "info,mirror::download=debug");
///     level.reset();
///     assert_eq!(level.get(), "info");
///     Ok::<_, tachograph::Error>(())
/// }).join().unwrap()?;
/// # drop(telemetry);
/// # let _ = std::fs::remove_dir_all(directory);
/// # Ok(())
/// # }
/// ```
///
/// A change holds for all threads, and for call sites that were off until then as well. The log tells of it in a record of its own,
/// whatever the level is: `log level changed`, with the fields `from`, `to` and `by`, and the request that it came with.
/// On the metrics page `tachograph_log_level` has the most verbose level that anything is logged at, and
/// `tachograph_log_level_overridden` is 1 while it is not as configured.
///
/// What tracing's features `max_level_…` leave out of a build stays out. Directives that name spans hold for spans that
/// are created afterwards; each change to such directives takes memory that is not given back, one to others only where
/// they were never in force before.
#[derive(Clone)]
pub struct LevelHandle {
    filters: Arc<Filters>,
    logs: Logs,
}

/// Who wanted a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Program,
    #[cfg(target_os = "linux")]
    Signal(&'static str),
}

impl LevelHandle {
    pub(crate) fn new(configured: Directives, logs: Logs) -> Self {
        Self { filters: Arc::new(Filters::new(configured)), logs }
    }

    pub(crate) fn layer(&self) -> FilterLayer {
        FilterLayer(Arc::clone(&self.filters))
    }

    /// Has logged what these directives let pass: a level or tracing filter directives, as in `LOG_LEVEL`.
    ///
    /// # Errors
    /// Where they cannot be read; the ones before stay in force.
    pub fn set(&self, level: &str) -> Result<(), Error> {
        let wanted = Directives::parse(level).ok_or_else(|| Kind::level(level))?;
        self.change(By::Program, |_| wanted);
        Ok(())
    }

    /// Makes the log one step more verbose: each level that the directives in force name gives way to the next one, `TRACE` and
    /// `OFF` excepted. Where everything is off, errors come on.
    pub fn raise(&self) {
        self.raise_by(By::Program);
    }

    /// Has logged what was configured when telemetry was installed.
    pub fn reset(&self) {
        self.reset_by(By::Program);
    }

    /// The directives in force, with levels in lower case.
    pub fn get(&self) -> String {
        self.filters.current().directives.to_string()
    }

    /// The most verbose level in force.
    pub(crate) fn level(&self) -> LevelFilter {
        self.filters.current().directives.level()
    }

    /// Whether other directives are in force than were configured.
    pub(crate) fn is_overridden(&self) -> bool {
        self.filters.current().directives != self.filters.configured.directives
    }

    fn raise_by(&self, by: By) {
        self.change(by, Directives::raised);
    }

    fn reset_by(&self, by: By) {
        self.change(by, |_| self.filters.configured.directives.clone());
    }

    /// One change after the other, also in the log, which tells of more before there is more, and of less after that.
    fn change(&self, by: By, wanted: impl FnOnce(&Directives) -> Directives) {
        TELLING.shield(|| {
            let mut changing = self.filters.change();
            let from = &self.filters.current().directives;
            let to = wanted(from);
            if to == *from && by == By::Program {
                return;
            }
            let is_more = to.level() > from.level();
            let tell = || self.logs.level_changed(from, &to, by.as_str());
            if is_more {
                tell();
            }
            changing.put_in_force(&to);
            if !is_more {
                tell();
            }
        });
    }
}

impl By {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Program => "program",
            #[cfg(target_os = "linux")]
            Self::Signal(name) => name,
        }
    }
}

impl fmt::Debug for LevelHandle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("LevelHandle").field(&format_args!("{}", self.get())).finish()
    }
}
