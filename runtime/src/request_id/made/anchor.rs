//! What tells the time of an id: a moment at which the wall clock was read, from which all threads count by the counter of
//! the processor. To read the wall clock costs more than all the rest of an id.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use crate::clock;

/// For how long a reading of the wall clock serves.
const SERVES: Duration = Duration::from_millis(10);

/// A wall clock that is set back further than this is followed. For up to so long a thread goes on with what it has where
/// another one is reading the clock.
const SECOND: Duration = Duration::from_secs(1);

/// Bits of a stamp after the point.
const POINT: u32 = 40;

/// Another one for each anchor that was published, and for each copy of the process.
static GENERATION: AtomicU32 = AtomicU32::new(1);

/// The one that all threads go by, so that their ids are in one order.
#[cfg(not(test))]
static SHARED: Mutex<Anchor> = Mutex::new(Anchor::NONE);

// Each test has a clock of its own.
#[cfg(test)]
thread_local! {
    static SHARED: Mutex<Anchor> = const { Mutex::new(Anchor::NONE) };
}

/// All threads look at the shared anchor before they make another id.
#[cfg(feature = "telemetry")]
pub(super) fn ask_anew() {
    GENERATION.fetch_add(1, Ordering::Relaxed);
}

/// A moment in ticks, and the stamp of that moment: the time since the Unix epoch in 4096ths of a millisecond, which are the
/// 60 bits of time of an id.
#[derive(Clone, Copy, Debug)]
pub(super) struct Anchor {
    ticks: u64,
    /// For how many ticks it serves.
    serves: u64,
    stamp: u64,
    /// What the stamp has after the point.
    rest: u64,
    /// Stamps in a tick.
    rate: u64,
    generation: u32,
}

impl Anchor {
    /// Of a thread that has made no id yet.
    pub(super) const NONE: Self = Self { ticks: 0, serves: 0, stamp: 0, rest: 0, rate: 0, generation: 0 };

    /// The stamp of a moment; none where the anchor is out of date.
    #[inline]
    pub(super) fn stamp(&self, ticks: u64) -> Option<u64> {
        let elapsed = ticks.wrapping_sub(self.ticks);
        let serves = elapsed < self.serves && self.generation == GENERATION.load(Ordering::Relaxed);
        serves.then(|| self.after(elapsed))
    }

    /// The stamp of a moment within a second; of the moment of the anchor where that is later.
    pub(super) const fn stamp_at_any(&self, ticks: u64) -> u64 {
        self.after(ticks.saturating_sub(self.ticks))
    }

    /// A second has 2^62 of the units that this multiplies into.
    #[inline]
    const fn after(&self, elapsed: u64) -> u64 {
        self.stamp + ((self.rest + elapsed * self.rate) >> POINT)
    }

    /// The one that all threads go by from now on.
    #[cfg(not(test))]
    pub(super) fn renewed(self, ticks: u64) -> Self {
        self.renewed_by(&SHARED, ticks)
    }

    #[cfg(test)]
    pub(super) fn renewed(self, ticks: u64) -> Self {
        SHARED.with(|shared| self.renewed_by(shared, ticks))
    }

    fn renewed_by(self, shared: &Mutex<Self>, ticks: u64) -> Self {
        // Nobody waits here, least of all in a copy of the process, whose lock may never be released.
        let Ok(mut shared) = shared.try_lock() else {
            let is_usable = self.serves > 0 && ticks.abs_diff(self.ticks) < clock::ticks_in(SECOND);
            return if is_usable { self } else { Self::read(ticks, None) };
        };
        // A moment that is a little earlier is of a thread that another one overtook.
        if ticks.abs_diff(shared.ticks) >= shared.serves {
            *shared = Self::read(ticks, Some(*shared).filter(|last| last.serves > 0));
            shared.generation = GENERATION.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        }
        // Of a copy of the process it is another.
        Self { generation: GENERATION.load(Ordering::Relaxed), ..*shared }
    }

    /// Reads the wall clock. It differs a little from the counter, and may be set back a little: ids do not go back for that,
    /// but go on more slowly until it has come after.
    fn read(ticks: u64, last: Option<Self>) -> Self {
        let serves = clock::ticks_in(SERVES);
        let read = exact(clock::unix_time());
        let reached = last.map_or(read, |last| last.reached(ticks));
        let ahead = if reached < read + exact(SECOND) { reached.saturating_sub(read) } else { 0 };
        // Rounded up: after a millisecond by the counter, one has passed.
        let usual = (exact(SECOND) as f64 / clock::per_second()).ceil() as u64;
        let most = exact(SERVES) / 2;
        let slower = u128::from(usual) * (exact(SERVES) - ahead.min(most)) / exact(SERVES);
        let stamp = read + ahead;
        Self {
            ticks,
            serves,
            stamp: (stamp >> POINT) as u64,
            rest: stamp as u64 & ((1 << POINT) - 1),
            rate: slower as u64,
            generation: 0,
        }
    }

    /// The latest that an id of this anchor can be, in full.
    fn reached(&self, ticks: u64) -> u128 {
        // A counter goes back where the machine was stopped and moved.
        let elapsed = ticks.checked_sub(self.ticks).map_or(self.serves, |elapsed| elapsed.min(self.serves));
        (u128::from(self.stamp) << POINT) + u128::from(self.rest + elapsed * self.rate)
    }
}

/// A stamp with all that it has after the point.
const fn exact(since: Duration) -> u128 {
    (since.as_nanos() << (12 + POINT)) / 1_000_000
}
