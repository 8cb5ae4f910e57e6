//! Ids that are made here: ordered by time, and unlike all others.

use std::cell::Cell;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use crate::clock;

/// How many copies this process is away from the program that was started. A copy begins with the memory of its original,
/// and would go on with the same ids.
static COPIES: AtomicU32 = AtomicU32::new(0);

/// In a process that has begun as a copy: ids begin anew.
#[cfg(feature = "telemetry")]
pub(crate) fn begin_anew() {
    COPIES.fetch_add(1, Ordering::Relaxed);
}

/// For how long a thread goes by the wall clock as it last read it: to read it costs more than all the rest, and for so short
/// a time the counter of the processor tells it as well.
const ANCHOR: Duration = Duration::from_millis(10);

/// A wall clock that is set back further than this, in nanoseconds, is followed.
const SET_BACK: u64 = 1_000_000_000;

/// What a thread makes ids from.
#[derive(Clone, Copy)]
struct Source {
    /// A SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014), seeded by the system's
    /// randomness through `RandomState`. Ids must not collide; they need not be secret.
    random: u64,
    copy: u32,
    /// A moment, in ticks and in nanoseconds since the Unix epoch.
    ticks: u64,
    unix_nanos: u64,
    /// Of the clock: how long the moment serves, and nanoseconds a tick.
    serves: u64,
    nanos_per_tick: f64,
}

thread_local! {
    static SOURCE: Cell<Option<Source>> = const { Cell::new(None) };
}

/// A new one, later than all before it.
#[inline]
pub(crate) fn uuid_v7() -> u128 {
    let ticks = clock::ticks();
    let made = SOURCE.try_with(|source| {
        let known = source.get();
        let usable = known.filter(|known| known.is_usable(ticks));
        let mut next = usable.unwrap_or_else(|| Source::new(known, ticks));
        let uuid = next.make(ticks);
        source.set(Some(next));
        uuid
    });
    // A thread that has no locals any more begins anew with each.
    made.unwrap_or_else(|_| Source::new(None, ticks).make(ticks))
}

impl Source {
    #[cold]
    fn new(known: Option<Self>, ticks: u64) -> Self {
        let copy = COPIES.load(Ordering::Relaxed);
        let read = clock::unix_time().as_nanos() as u64;
        // The two clocks differ a little, and the wall clock may be set back a little: ids do not go back for that.
        let expected = known.map_or(read, |known| known.nanos(ticks));
        let unix_nanos = if (read..read + SET_BACK).contains(&expected) { expected } else { read };
        let seed = || RandomState::new().hash_one((ticks, clock::unix_time(), std::process::id()));
        Self {
            random: known.filter(|known| known.copy == copy).map_or_else(seed, |known| known.random),
            copy,
            ticks,
            unix_nanos,
            serves: clock::ticks_in(ANCHOR),
            nanos_per_tick: 1e9 / clock::per_second(),
        }
    }

    #[inline]
    fn is_usable(&self, ticks: u64) -> bool {
        ticks.wrapping_sub(self.ticks) < self.serves && self.copy == COPIES.load(Ordering::Relaxed)
    }

    /// Nanoseconds since the Unix epoch.
    #[inline]
    fn nanos(&self, ticks: u64) -> u64 {
        self.unix_nanos.saturating_add((ticks.wrapping_sub(self.ticks) as f64 * self.nanos_per_tick) as u64)
    }

    #[inline]
    fn make(&mut self, ticks: u64) -> u128 {
        const NANOS_PER_MILLI: u64 = 1_000_000;
        let nanos = self.nanos(ticks);
        let millis = nanos / NANOS_PER_MILLI;
        let fraction = (nanos % NANOS_PER_MILLI) * 4096 / NANOS_PER_MILLI;
        let high = millis << 16 | 7 << 12 | fraction;
        let low = 0b10 << 62 | self.random() >> 2;
        u128::from(high) << 64 | u128::from(low)
    }

    #[inline]
    fn random(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.random ^ (self.random >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::manual::Clock;

    #[test]
    fn ids_are_in_the_order_of_their_making() {
        let clock = Clock::at(5);
        clock.set_unix_time(Duration::from_millis(1_700_000_000_000));
        let mut last = 0;
        for _ in 0..100_000 {
            clock.advance(Duration::from_nanos(245));
            let id = uuid_v7();
            assert!(id > last);
            last = id;
        }
        assert_eq!((last >> 80) as u64, 1_700_000_000_024);
    }

    #[test]
    fn a_clock_that_is_set_back_a_little_is_waited_for_and_further_is_followed() {
        let clock = Clock::at(5);
        let now = Duration::from_secs(1_700_000_000);
        clock.set_unix_time(now);
        let millis = || (uuid_v7() >> 80) as u64;
        assert_eq!(millis(), 1_700_000_000_000);
        clock.advance(ANCHOR);
        clock.set_unix_time(now - Duration::from_millis(500));
        assert_eq!(millis(), 1_700_000_000_010);
        clock.advance(ANCHOR);
        clock.set_unix_time(now - Duration::from_secs(5));
        assert_eq!(millis(), 1_699_999_995_000);
    }

    #[test]
    fn the_fraction_of_a_millisecond_comes_after_the_version() {
        let clock = Clock::at(5);
        clock.set_unix_time(Duration::from_nanos(1_700_000_000_123_500_000));
        let id = uuid_v7();
        assert_eq!((id >> 64) as u64, 1_700_000_000_123 << 16 | 7 << 12 | 2048);
        assert_eq!((id >> 62) as u64 & 0b11, 0b10);
    }

    #[test]
    #[cfg(feature = "telemetry")]
    fn a_copy_of_the_process_makes_other_ids() {
        let clock = Clock::at(5);
        clock.set_unix_time(Duration::from_millis(1_700_000_000_000));
        uuid_v7();
        let before = SOURCE.get();
        let original = uuid_v7();
        SOURCE.set(before);
        begin_anew();
        assert_ne!(uuid_v7(), original);
    }
}
