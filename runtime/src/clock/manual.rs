//! A clock that a test moves by hand, for the thread that the test runs on.

use std::cell::Cell;
use std::marker::PhantomData;
use std::time::Duration;

thread_local! {
    static TICKS: Cell<Option<u64>> = const { Cell::new(None) };
    static UNIX_TIME: Cell<Option<Duration>> = const { Cell::new(None) };
}

/// While it lives, the calling thread reads this clock.
pub(crate) struct Clock(PhantomData<*const ()>);

impl Clock {
    pub(crate) fn at(ticks: u64) -> Self {
        TICKS.set(Some(ticks));
        Self(PhantomData)
    }

    /// From now on wall time stands still as well, until it is moved.
    pub(crate) fn set_unix_time(&self, time: Duration) {
        UNIX_TIME.set(Some(time));
    }

    pub(crate) fn advance(&self, by: Duration) {
        TICKS.set(TICKS.get().map(|ticks| ticks + by.as_nanos() as u64));
        UNIX_TIME.set(UNIX_TIME.get().map(|time| time + by));
    }
}

impl Drop for Clock {
    fn drop(&mut self) {
        TICKS.set(None);
        UNIX_TIME.set(None);
    }
}

pub(super) fn ticks() -> Option<u64> {
    TICKS.try_with(Cell::get).ok().flatten()
}

pub(super) fn unix_time() -> Option<Duration> {
    UNIX_TIME.try_with(Cell::get).ok().flatten()
}
