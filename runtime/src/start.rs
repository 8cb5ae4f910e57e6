//! What there is to do at the start of a call.

use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

/// To read the clock.
const TIMED: u8 = 0;
/// Nothing: it is not this call that is timed.
const UNTIMED: u8 = 1;
/// To ask: the call may be counted as under way, or be the one in many that is timed.
const ASKS: u8 = 2;

/// What a call begins with, and whether the next one is to be timed. Threads share it, so that one call in N is timed
/// also where each thread makes but one.
#[derive(Debug)]
pub(crate) struct Start {
    kind: AtomicU8,
    has_gauge: bool,
    is_due: AtomicBool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Begins {
    Timed,
    Untimed,
    Asks,
}

impl Start {
    pub(crate) const fn timed() -> Self {
        Self { kind: AtomicU8::new(TIMED), has_gauge: false, is_due: AtomicBool::new(true) }
    }

    pub(crate) const fn with_gauge(self) -> Self {
        Self { kind: AtomicU8::new(ASKS), has_gauge: true, ..self }
    }

    /// The first call is timed.
    pub(crate) const fn sampled(self) -> Self {
        Self { kind: AtomicU8::new(ASKS), ..self }
    }

    #[inline]
    pub(crate) fn begins(&self) -> Begins {
        match self.kind.load(Ordering::Relaxed) {
            TIMED => Begins::Timed,
            UNTIMED => Begins::Untimed,
            _ => Begins::Asks,
        }
    }

    /// Whether calls under way are counted.
    #[inline]
    pub(crate) const fn has_gauge(&self) -> bool {
        self.has_gauge
    }

    /// Whether this call is the one that is timed. It takes a look before it writes: other threads read here at each call.
    pub(crate) fn take_turn(&self) -> bool {
        let is_due = self.is_due.load(Ordering::Relaxed) && self.is_due.swap(false, Ordering::Relaxed);
        if is_due && !self.has_gauge {
            self.kind.store(UNTIMED, Ordering::Relaxed);
        }
        is_due
    }

    /// Lets the next call be timed.
    #[cold]
    pub(crate) fn give_turn(&self) {
        self.is_due.store(true, Ordering::Relaxed);
        if !self.has_gauge {
            self.kind.store(ASKS, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_is_taken_once() {
        let start = Start::timed().sampled();
        assert_eq!(
            (start.begins(), start.take_turn(), start.begins()),
            (Begins::Asks, true, Begins::Untimed)
        );
        assert!(!start.take_turn());
        start.give_turn();
        assert_eq!((start.begins(), start.take_turn()), (Begins::Asks, true));
    }

    #[test]
    fn a_gauge_asks_at_every_call() {
        let start = Start::timed().sampled().with_gauge();
        assert_eq!((start.take_turn(), start.take_turn(), start.begins()), (true, false, Begins::Asks));
        assert_eq!(Start::timed().begins(), Begins::Timed);
    }
}
