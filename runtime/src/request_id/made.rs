//! Ids that are made here: ordered by time, and unlike all others.

mod anchor;

use std::cell::Cell;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU32, Ordering};

use self::anchor::Anchor;
use crate::clock;

/// How many copies this process is away from the program that was started. A copy begins with the memory of its original,
/// and would go on with the same random numbers.
static COPIES: AtomicU32 = AtomicU32::new(0);

/// In a process that has begun as a copy: ids begin anew.
#[cfg(feature = "telemetry")]
pub(crate) fn begin_anew() {
    COPIES.fetch_add(1, Ordering::Relaxed);
    anchor::ask_anew();
}

/// What a thread makes ids from.
struct Source {
    /// A SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014), seeded by the system's
    /// randomness through `RandomState`. Ids must not collide; they need not be secret.
    random: Cell<u64>,
    /// That it is seeded for; none before the first.
    copy: Cell<Option<u32>>,
    anchor: Cell<Anchor>,
}

thread_local! {
    static SOURCE: Source =
        const { Source { random: Cell::new(0), copy: Cell::new(None), anchor: Cell::new(Anchor::NONE) } };
}

/// A new one, later than all before it.
#[inline]
pub(crate) fn uuid_v7() -> [u64; 2] {
    uuid_v7_at(clock::ticks())
}

/// The same at a moment that was just read: who makes several things reads the clock once.
#[inline]
pub(crate) fn uuid_v7_at(ticks: u64) -> [u64; 2] {
    // It has no destructor, and so it is there as long as its thread.
    SOURCE.with(|source| {
        let stamp = source.anchor.get().stamp(ticks).unwrap_or_else(|| source.renewed(ticks));
        [stamp >> 12 << 16 | 7 << 12 | stamp & 0xfff, 0b10 << 62 | source.random(ticks) >> 2]
    })
}

impl Source {
    #[cold]
    fn renewed(&self, ticks: u64) -> u64 {
        let copy = COPIES.load(Ordering::Relaxed);
        if self.copy.replace(Some(copy)) != Some(copy) {
            self.random.set(RandomState::new().hash_one((ticks, clock::unix_time(), std::process::id())));
        }
        let anchor = self.anchor.get().renewed(ticks);
        self.anchor.set(anchor);
        anchor.stamp_at_any(ticks)
    }

    /// The moment goes into it, for copies of the process that nobody has told that they are copies.
    #[inline]
    fn random(&self, ticks: u64) -> u64 {
        self.random.set(self.random.get().wrapping_add(0x9e37_79b9_7f4a_7c15));
        let state = self.random.get() ^ ticks;
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::clock::manual::Clock;

    const NOW: Duration = Duration::from_secs(1_700_000_000);

    fn millis() -> u64 {
        uuid_v7()[0] >> 16
    }

    #[test]
    fn ids_are_in_the_order_of_their_making() {
        let clock = Clock::at(5);
        clock.set_unix_time(NOW);
        let mut last = [0; 2];
        for _ in 0..100_000 {
            clock.advance(Duration::from_nanos(245));
            let id = uuid_v7();
            assert!(id > last);
            last = id;
        }
        assert_eq!(last[0] >> 16, 1_700_000_000_024);
    }

    #[test]
    fn a_clock_that_is_set_back_a_little_is_waited_for_and_further_is_followed() {
        let clock = Clock::at(5);
        clock.set_unix_time(NOW);
        assert_eq!(millis(), 1_700_000_000_000);
        clock.advance(Duration::from_millis(10));
        clock.set_unix_time(NOW - Duration::from_millis(500));
        assert_eq!(millis(), 1_700_000_000_010);
        clock.advance(Duration::from_millis(10));
        clock.set_unix_time(NOW - Duration::from_secs(5));
        assert_eq!(millis(), 1_699_999_995_000);
    }

    #[test]
    fn a_clock_that_is_waited_for_is_met_again() {
        let clock = Clock::at(5);
        clock.set_unix_time(NOW);
        assert_eq!(millis(), 1_700_000_000_000);
        clock.set_unix_time(NOW - Duration::from_millis(100));
        let mut last = [0; 2];
        for _ in 0..300 {
            clock.advance(Duration::from_millis(1));
            let id = uuid_v7();
            assert!(id > last);
            last = id;
        }
        assert_eq!(last[0] >> 16, 1_700_000_000_200);
    }

    #[test]
    fn ids_do_not_run_ahead_while_none_is_made() {
        let clock = Clock::at(5);
        clock.set_unix_time(NOW);
        millis();
        // An hour by the counter, and less by the wall clock.
        clock.advance(Duration::from_secs(3_600));
        clock.set_unix_time(NOW + Duration::from_millis(3_599_500));
        assert_eq!(millis(), 1_700_003_599_500);
    }

    #[test]
    fn a_counter_that_begins_again_is_followed() {
        let clock = Clock::at(u64::MAX / 2);
        clock.set_unix_time(NOW);
        millis();
        let clock = Clock::at(5);
        clock.set_unix_time(NOW + Duration::from_secs(60));
        assert_eq!(millis(), 1_700_000_060_000);
        clock.advance(Duration::from_millis(7));
        assert_eq!(millis(), 1_700_000_060_007);
    }

    #[test]
    fn the_fraction_of_a_millisecond_comes_after_the_version() {
        let clock = Clock::at(5);
        clock.set_unix_time(Duration::from_nanos(1_700_000_000_123_500_000));
        let [high, low] = uuid_v7();
        assert_eq!(high, 1_700_000_000_123 << 16 | 7 << 12 | 2048);
        assert_eq!(low >> 62, 0b10);
    }

    #[test]
    #[cfg(feature = "telemetry")]
    fn a_copy_of_the_process_makes_other_ids() {
        let clock = Clock::at(5);
        clock.set_unix_time(NOW);
        uuid_v7();
        let random = SOURCE.with(|source| source.random.get());
        let original = uuid_v7();
        SOURCE.with(|source| source.random.set(random));
        begin_anew();
        assert_ne!(uuid_v7(), original);
    }

    #[test]
    fn a_copy_that_nobody_told_makes_other_ids_a_tick_later() {
        let clock = Clock::at(5);
        clock.set_unix_time(NOW);
        uuid_v7();
        let random = SOURCE.with(|source| source.random.get());
        let original = uuid_v7();
        SOURCE.with(|source| source.random.set(random));
        clock.advance(Duration::from_nanos(1));
        let copied = uuid_v7();
        assert_eq!(copied[0], original[0]);
        assert_ne!(copied[1], original[1]);
    }
}
