//! A clock that a test moves by hand, for the thread that the test runs on.

use std::cell::Cell;
use std::marker::PhantomData;
use std::time::Duration;

thread_local! {
    static TICKS: Cell<Option<u64>> = const { Cell::new(None) };
}

/// While it lives, the calling thread reads this clock.
pub(crate) struct Clock(PhantomData<*const ()>);

impl Clock {
    pub(crate) fn at(ticks: u64) -> Self {
        TICKS.set(Some(ticks));
        Self(PhantomData)
    }

    pub(crate) fn advance(&self, by: Duration) {
        TICKS.set(TICKS.get().map(|ticks| ticks + by.as_nanos() as u64));
    }
}

impl Drop for Clock {
    fn drop(&mut self) {
        TICKS.set(None);
    }
}

pub(super) fn ticks() -> Option<u64> {
    TICKS.try_with(Cell::get).ok().flatten()
}
