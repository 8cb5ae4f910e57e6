//! Downloads: what waits, what is under way, how fast it is, and why it failed.
//!
//! ```
//! use tachograph::downloads::Downloads;
//!
//! fn fetch(downloads: &Downloads, chunks: &[&[u8]]) -> Result<u64, std::io::Error> {
//!     let waiting = downloads.queue(); // and once it is its turn:
//!     let mut download = waiting.start();
//!     for chunk in chunks {
//!         download.received(chunk.len());
//!     }
//!     let size = Ok(download.bytes());
//!     download.end(&size);
//!     size
//! }
//!
//! let downloads = Downloads::new("mirror");
//! assert_eq!(fetch(&downloads, &[b"a", b"bc"]).unwrap(), 3);
//! ```
//!
//! The metrics are `download_*` and `downloads_*` of [`names`](crate::names), labelled with the name that is given here; all of
//! them are on the page from [`Downloads::new`] on.

mod reason;
mod series;

use std::sync::Arc;

use metrics::Gauge;

pub use self::reason::Reason;
use self::series::Series;
use crate::clock;

/// The downloads of one kind. Its clones are the same ones.
#[derive(Clone, Debug)]
pub struct Downloads(Arc<Series>);

impl Downloads {
    /// Downloads of that name, the label `queue`. Of the same name are the same series.
    ///
    /// Before `init` there is no page. Those that are made earlier are on it from their first use on.
    #[must_use]
    pub fn new(name: &'static str) -> Self {
        let series = Series::new(name);
        series.handles();
        Self(Arc::new(series))
    }

    /// One that waits for its turn, until it is started or dropped.
    #[must_use = "it waits no longer when it is dropped"]
    pub fn queue(&self) -> Queued {
        Queued { downloads: self.clone(), _queued: Raised::new(&self.0.handles().queued) }
    }

    /// One that begins now.
    #[must_use = "it counts as cancelled when it is dropped"]
    pub fn start(&self) -> Download {
        let active = Raised::new(&self.0.handles().active);
        Download {
            series: Arc::clone(&self.0),
            _active: active,
            began: clock::ticks(),
            bytes: 0,
            ended: None,
        }
    }
}

/// A download that waits for its turn.
#[derive(Debug)]
pub struct Queued {
    downloads: Downloads,
    _queued: Raised,
}

impl Queued {
    /// It begins.
    #[must_use = "it counts as cancelled when it is dropped"]
    pub fn start(self) -> Download {
        self.downloads.start()
    }
}

/// A gauge that was raised by one, until this drops: the very same, whichever recorder there is by then.
#[derive(Debug)]
struct Raised(Gauge);

impl Raised {
    fn new(gauge: &Gauge) -> Self {
        gauge.increment(1);
        Self(gauge.clone())
    }
}

impl Drop for Raised {
    fn drop(&mut self) {
        self.0.decrement(1);
    }
}

/// A download under way. Dropped before it ended it counts as `cancelled`, or as `panic` while its thread panics.
#[derive(Debug)]
pub struct Download {
    series: Arc<Series>,
    _active: Raised,
    began: u64,
    bytes: u64,
    /// Success, or why not.
    ended: Option<Result<(), Reason>>,
}

impl Download {
    /// So many bytes came. They count at once.
    pub fn received(&mut self, bytes: usize) {
        self.bytes += bytes as u64;
        self.series.handles().bytes.increment(bytes as u64);
    }

    /// How many came so far.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// It has what was wanted.
    pub fn finish(mut self) {
        self.ended = Some(Ok(()));
    }

    /// It failed.
    pub fn fail(mut self, reason: Reason) {
        self.ended = Some(Err(reason));
    }

    /// It has what was wanted, or failed for what [`Reason::of`] finds behind the error.
    pub fn end<T, E: std::error::Error + 'static>(self, result: &Result<T, E>) {
        match result {
            Ok(_) => self.finish(),
            Err(error) => self.fail(Reason::of(error)),
        }
    }
}

impl Drop for Download {
    fn drop(&mut self) {
        let left = if std::thread::panicking() { Reason::Panic } else { Reason::Cancelled };
        let ended = self.ended.unwrap_or(Err(left));
        let seconds = clock::seconds(clock::ticks().saturating_sub(self.began));
        self.series.handles().record(ended, seconds, self.bytes);
    }
}

#[cfg(all(test, feature = "telemetry"))]
mod tests;
