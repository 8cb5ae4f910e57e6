//! How many records a call site may write in a second, and how many it was not let.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};

/// The limit on every call site.
#[derive(Debug)]
pub(super) struct RateLimit {
    per_second: Option<NonZeroU32>,
    /// The first second in which something was suppressed that no record has told yet.
    due: AtomicU64,
}

const NOTHING: u64 = u64::MAX;

impl RateLimit {
    pub(super) const fn new(per_second: Option<NonZeroU32>) -> Self {
        Self { per_second, due: AtomicU64::new(NOTHING) }
    }

    /// Whether a call site may write a record in this second; if so, how many it was not let since its last one.
    #[inline]
    pub(super) fn admit(&self, window: &Window, second: u64) -> Option<u64> {
        let Some(limit) = self.per_second else { return Some(0) };
        if window.admit(limit, second) {
            return Some(window.take_suppressed());
        }
        window.suppressed.fetch_add(1, Ordering::Relaxed);
        self.due.fetch_min(second, Ordering::Relaxed);
        None
    }

    /// Whether there may be call sites that were silenced in a second that is over. Says so to one who asks.
    #[inline]
    pub(super) fn is_due(&self, second: u64) -> bool {
        let due = self.due.load(Ordering::Relaxed);
        due < second && self.due.compare_exchange(due, NOTHING, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }
}

/// What one call site has done in the present second.
#[derive(Debug, Default)]
pub(super) struct Window {
    /// The second in the high half, the number of records in the low one.
    state: AtomicU64,
    suppressed: AtomicU64,
}

impl Window {
    fn admit(&self, limit: NonZeroU32, second: u64) -> bool {
        let second = second << 32;
        let count = |state: u64| {
            let spent = if state & !u64::from(u32::MAX) == second { state as u32 } else { 0 };
            (spent < limit.get()).then(|| second | u64::from(spent + 1))
        };
        self.state.fetch_update(Ordering::Relaxed, Ordering::Relaxed, count).is_ok()
    }

    /// How many records were suppressed that nobody has told yet.
    pub(super) fn take_suppressed(&self) -> u64 {
        // A look first: a call site that is never silenced shares its line with nobody who writes.
        if self.suppressed.load(Ordering::Relaxed) == 0 {
            0
        } else {
            self.suppressed.swap(0, Ordering::Relaxed)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_has_room_for_so_many_and_the_next_one_tells_of_the_rest() {
        let (limit, window) = (RateLimit::new(NonZeroU32::new(2)), Window::default());
        let admitted = [7, 7, 7, 7, 8, 8, 8].map(|second| limit.admit(&window, second));
        assert_eq!(admitted, [Some(0), Some(0), None, None, Some(2), Some(0), None]);
        assert!(!limit.is_due(7));
        assert_eq!((limit.is_due(8), limit.is_due(8)), (true, false));
        assert_eq!((window.take_suppressed(), window.take_suppressed()), (1, 0));
    }

    #[test]
    fn a_clock_that_is_set_back_opens_a_new_second() {
        let (limit, window) = (RateLimit::new(NonZeroU32::new(1)), Window::default());
        assert_eq!([9, 9, 3].map(|second| limit.admit(&window, second)), [Some(0), None, Some(1)]);
    }

    #[test]
    fn without_a_limit_everything_passes() {
        let (limit, window) = (RateLimit::new(None), Window::default());
        assert!((0..10_000).all(|_| limit.admit(&window, 1) == Some(0)));
        assert!(!limit.is_due(2));
    }

    #[test]
    fn threads_share_the_room() {
        let (limit, window) = (RateLimit::new(NonZeroU32::new(100)), Window::default());
        let told = || (0..1_000).filter_map(|_| limit.admit(&window, 1)).collect::<Vec<_>>();
        let told: Vec<u64> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(told)).collect();
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
        });
        // The last that passes may tell of those that another thread was not let meanwhile.
        let suppressed = told.iter().sum::<u64>() + window.take_suppressed();
        assert_eq!((told.len(), suppressed), (100, 3_900));
    }
}
