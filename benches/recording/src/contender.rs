//! The contenders: each measures the same function in its own way.

mod bare;
mod floor;
mod instant;
mod tachograph;
mod exporter;
mod prometheus_client;
mod autometrics;
mod tracing;
mod hotpath;
mod metered;

use recording::Error;

pub(crate) use self::bare::BARE;
pub(crate) use self::floor::FLOOR;

pub(crate) struct Contender {
    pub(crate) name: &'static str,
    /// As a user writes it.
    pub(crate) written: &'static str,
    /// The crates whose versions matter.
    pub(crate) packages: &'static [&'static str],
    /// Sets up what a program sets up at its start.
    pub(crate) start: fn() -> Result<Render, Error>,
    pub(crate) calls: Calls,
}

/// The page that a scrape gets, empty where there is none. It keeps what was set up.
pub(crate) type Render = Box<dyn Fn() -> String + Send + Sync>;

/// Each makes as many calls as it is told.
pub(crate) struct Calls {
    pub(crate) sync: fn(u64),
    /// Of an async function that never waits.
    pub(crate) ready: fn(u64),
    /// Of one that is pending once.
    pub(crate) waiting: fn(u64),
}

/// In the order of the tables.
pub(crate) const ALL: [&Contender; 12] = [
    &FLOOR,
    &instant::INSTANT,
    &tachograph::TIMED,
    &tachograph::SAMPLED,
    &exporter::MACROS,
    &exporter::CACHED,
    &prometheus_client::CACHED,
    &autometrics::AUTOMETRICS,
    &tracing::JSON,
    &hotpath::HOTPATH,
    &metered::METERED,
    &BARE,
];

pub(crate) fn find(name: &str) -> Result<&'static Contender, Error> {
    let found = ALL.into_iter().find(|contender| contender.name == name);
    let names = || ALL.map(|contender| contender.name).join(", ");
    found.ok_or_else(|| format!("{name}: no contender; there are {}", names()).into())
}

fn nothing_to_start() -> Result<Render, Error> {
    Ok(Box::new(String::new))
}

/// The calls of a module's `work`, `ready` and `waiting`.
macro_rules! calls {
    () => {
        $crate::contender::Calls {
            sync: |calls| recording::work::repeat(calls, work),
            ready: |calls| recording::work::repeat_future(calls, ready),
            waiting: |calls| recording::work::repeat_future(calls, waiting),
        }
    };
}
use calls;
