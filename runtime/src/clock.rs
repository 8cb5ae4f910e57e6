//! The only place that reads time.
//!
//! A tick is a cycle of the processor's time stamp counter where that is proven to be a clock, which is the cheapest
//! one and, for it costs least itself, also the most exact; elsewhere a nanosecond of [`Instant`]. Nothing runs before
//! the first reading. How many ticks a second has is measured then, in a fifth of a millisecond, and again with each
//! [`look_again`], over all the time since.

mod counter;
mod rate;
#[cfg(test)]
pub(crate) mod manual;

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use self::rate::{Calibration, NANOS_PER_SECOND, Reading};

/// Nobody has asked yet.
const UNKNOWN: u8 = 0;
/// The processor's counter.
const COUNTER: u8 = 1;
/// `Instant`, in ticks of the counter where that was the source before.
const INSTANT: u8 = 2;

/// Unit tests count in nanoseconds, or in what their manual clock says.
static SOURCE: AtomicU8 = AtomicU8::new(if cfg!(test) { INSTANT } else { UNKNOWN });

/// Ticks per second, as the bits of an `f64`.
static PER_SECOND: AtomicU64 = AtomicU64::new(NANOS_PER_SECOND.to_bits());

static CALIBRATION: Mutex<Option<Calibration>> = Mutex::new(None);

/// Where `Instant` goes on from.
static RESUMED: OnceLock<Resumed> = OnceLock::new();

struct Resumed {
    at: Instant,
    ticks: u64,
    per_second: f64,
}

/// Monotonic ticks since some moment in the past.
#[inline]
pub(crate) fn ticks() -> u64 {
    #[cfg(test)]
    if let Some(ticks) = manual::ticks() {
        return ticks;
    }
    if SOURCE.load(Ordering::Relaxed) == COUNTER { counter::read() } else { ticks_otherwise() }
}

#[cold]
fn ticks_otherwise() -> u64 {
    if SOURCE.load(Ordering::Acquire) == UNKNOWN {
        set_up();
        if SOURCE.load(Ordering::Relaxed) == COUNTER {
            return counter::read();
        }
    }
    let resumed =
        RESUMED.get_or_init(|| Resumed { at: Instant::now(), ticks: 0, per_second: NANOS_PER_SECOND });
    let nanos = resumed.at.elapsed().as_nanos() as u64;
    resumed.ticks.wrapping_add(in_ticks(nanos, resumed.per_second))
}

/// Chooses the source. It allocates nothing: an annotated allocator may be the first to ask.
fn set_up() {
    static ONCE: OnceLock<()> = OnceLock::new();
    ONCE.get_or_init(|| {
        let source = if counter::is_proven() {
            let calibration = Calibration::begin();
            PER_SECOND.store(calibration.per_second.to_bits(), Ordering::Relaxed);
            *CALIBRATION.lock().unwrap_or_else(PoisonError::into_inner) = Some(calibration);
            COUNTER
        } else {
            INSTANT
        };
        SOURCE.store(source, Ordering::Release);
    });
}

/// Looks again at what the first reading decided: whether the kernel still trusts the counter, and how many ticks a
/// second has. Worth its ten microseconds at each scrape. Whether a second has another number of ticks from now on.
pub(crate) fn look_again() -> bool {
    if SOURCE.load(Ordering::Relaxed) != COUNTER {
        return false;
    }
    let mut calibration = CALIBRATION.lock().unwrap_or_else(PoisonError::into_inner);
    if !counter::is_trusted_by_kernel() {
        resume_with_instant();
        return false;
    }
    let Some(refined) = calibration.as_ref().and_then(|known| known.refined(Reading::take())) else {
        return false;
    };
    let changed = refined.per_second != per_second();
    PER_SECOND.store(refined.per_second.to_bits(), Ordering::Relaxed);
    *calibration = Some(refined);
    changed
}

/// From now on `Instant` is read, and its ticks are those of the counter: calls under way end in the unit that they
/// began in, and whatever was counted keeps its meaning.
fn resume_with_instant() {
    let Reading { at, ticks } = Reading::take();
    RESUMED.get_or_init(|| Resumed { at, ticks, per_second: per_second() });
    SOURCE.store(INSTANT, Ordering::Release);
}

/// How many ticks a second has, as far as it is known.
pub(crate) fn per_second() -> f64 {
    if SOURCE.load(Ordering::Acquire) == UNKNOWN {
        set_up();
    }
    f64::from_bits(PER_SECOND.load(Ordering::Relaxed))
}

/// The length of a number of ticks.
pub(crate) fn duration(ticks: u64) -> Duration {
    let per_second = per_second();
    if per_second == NANOS_PER_SECOND {
        return Duration::from_nanos(ticks);
    }
    Duration::from_nanos((ticks as f64 * (NANOS_PER_SECOND / per_second)) as u64)
}

/// The same in seconds.
#[cfg(any(feature = "facade", feature = "telemetry"))]
pub(crate) fn seconds(ticks: u64) -> f64 {
    ticks as f64 / per_second()
}

/// The number of ticks in a duration, saturating: no call lasts 584 years.
pub(crate) fn ticks_in(duration: Duration) -> u64 {
    let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
    in_ticks(nanos, per_second())
}

/// The same, less what may be wrong with what is known of the counter so far: no longer duration has fewer ticks.
pub(crate) fn ticks_at_least_in(duration: Duration) -> u64 {
    let ticks = ticks_in(duration);
    if per_second() == NANOS_PER_SECOND { ticks } else { ticks - ticks / rate::FIRST_ERROR }
}

fn in_ticks(nanos: u64, per_second: f64) -> u64 {
    if per_second == NANOS_PER_SECOND {
        return nanos;
    }
    (nanos as f64 * (per_second / NANOS_PER_SECOND)) as u64
}

/// Wall time since the Unix epoch; zero where the machine's clock stands before it.
pub(crate) fn unix_time() -> Duration {
    #[cfg(test)]
    if let Some(time) = manual::unix_time() {
        return time;
    }
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nanoseconds_are_ticks_where_there_is_no_counter() {
        assert_eq!(duration(1_500), Duration::from_nanos(1_500));
        assert_eq!((ticks_in(Duration::from_secs(1)), ticks_in(Duration::MAX)), (1_000_000_000, u64::MAX));
        assert_eq!(ticks_at_least_in(Duration::from_millis(1)), 1_000_000);
        assert!(!look_again());
    }

    #[test]
    fn ticks_never_go_back() {
        let mut last = ticks();
        for _ in 0..10_000 {
            let now = ticks();
            assert!(now >= last);
            last = now;
        }
    }

    #[test]
    fn a_manual_clock_stands_until_it_is_moved() {
        let clock = manual::Clock::at(100);
        assert_eq!((ticks(), ticks()), (100, 100));
        clock.advance(Duration::from_nanos(7));
        assert_eq!(ticks(), 107);
        drop(clock);
        assert_ne!(ticks(), 107);
    }
}
