//! The only place that reads time.
//!
//! A tick is a nanosecond of the monotonic clock, counted from the first reading in this process.

use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

static ORIGIN: OnceLock<Instant> = OnceLock::new();

/// Monotonic ticks since the process first asked.
#[inline]
pub(crate) fn ticks() -> u64 {
    ORIGIN.get_or_init(Instant::now).elapsed().as_nanos() as u64
}

/// The length of a number of ticks.
#[inline]
pub(crate) const fn duration(ticks: u64) -> Duration {
    Duration::from_nanos(ticks)
}

/// The number of ticks in a duration, saturating: no call lasts 584 years.
#[inline]
pub(crate) const fn ticks_in(duration: Duration) -> u64 {
    let nanos = duration.as_nanos();
    if nanos > u64::MAX as u128 { u64::MAX } else { nanos as u64 }
}

/// Wall time since the Unix epoch; zero where the machine's clock stands before it.
pub(crate) fn unix_time() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}
