//! A guess where the next call is counted: where the last one was.
//!
//! A processor does not read its time stamp counter before it knows where all earlier stores go. Where a call is counted is
//! computed from the last reading and known late, and the next call's first reading would wait for that. With a guess the place
//! is known at once, and that the guess was right is found out beside everything else.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use super::leaked::Leaked;

/// Only the thread that owns the cells writes and reads it.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Guess {
    /// The durations in ticks for which it holds: from here on,
    from: AtomicU64,
    /// and this much beyond; a longer one is never guessed.
    width: AtomicU32,
    /// The outcome for which it holds, and how often the length of a tick was measured before it was made.
    kind: AtomicU32,
    counter: Leaked<AtomicU64>,
}

impl Guess {
    /// It holds for no kind that there is.
    pub(crate) const fn new() -> Self {
        Self {
            from: AtomicU64::new(0),
            width: AtomicU32::new(0),
            kind: AtomicU32::new(u32::MAX),
            counter: Leaked::none(),
        }
    }

    /// The counter for a duration, if the guess is right.
    #[inline]
    pub(crate) fn counter(&self, kind: Kind, ticks: u64) -> Option<&'static AtomicU64> {
        let is_right = self.kind.load(Ordering::Relaxed) == kind.0
            && ticks.wrapping_sub(self.from.load(Ordering::Relaxed)) <= u64::from(self.width.load(Ordering::Relaxed));
        if is_right { self.counter.get() } else { None }
    }

    /// Guesses this counter for durations from `from` to `to`, or as many of them as are kept.
    pub(crate) fn set(&self, kind: Kind, from: u64, to: u64, counter: &'static AtomicU64) {
        self.from.store(from, Ordering::Relaxed);
        self.width.store(u32::try_from(to.saturating_sub(from)).unwrap_or(u32::MAX), Ordering::Relaxed);
        self.counter.set(counter);
        self.kind.store(kind.0, Ordering::Relaxed);
    }
}

/// What a guess must hold for beside the duration.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind(u32);

/// How often the length of a tick was measured anew: that moves the bounds of buckets.
static MEASURED: AtomicU32 = AtomicU32::new(0);

impl Kind {
    #[inline]
    pub(crate) fn of(outcome: usize) -> Self {
        Self(MEASURED.load(Ordering::Relaxed) << 2 | outcome as u32 & 3)
    }
}

/// Whatever was guessed before holds no longer.
pub(crate) fn forget_all() {
    MEASURED.fetch_add(1, Ordering::Release);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guess_holds_for_its_durations_and_its_outcome() {
        static COUNTER: AtomicU64 = AtomicU64::new(0);
        let (ok, error) = (Kind(0), Kind(1));
        let guess = Guess::new();
        assert!(guess.counter(ok, 0).is_none());
        guess.set(ok, 10, 20, &COUNTER);
        let holds = |kind, ticks| guess.counter(kind, ticks).is_some();
        assert_eq!([0, 9, 10, 20, 21, u64::MAX].map(|ticks| holds(ok, ticks)), [false, false, true, true, false, false]);
        assert!(!holds(error, 15), "another outcome");
        assert!(!holds(Kind(4), 15), "the same outcome, after the tick was measured");
    }
}
