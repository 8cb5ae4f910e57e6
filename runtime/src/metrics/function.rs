//! What is kept of the calls of an annotated function.
//!
//! Outcome and bucket are one index: to count the one is to count the other, and the number of calls is always the
//! sum of the buckets.

use std::sync::atomic::{AtomicU64, Ordering};

use super::bounds::{DEFAULT, DEFAULT_NANOS};
use super::cells::{self, Cells, Place, Reader};
use super::registry::{FunctionSeries, REGISTRY};
use crate::call_site::CallSite;
use crate::outcome::Outcome;

/// One bucket a bound, and one for what is above the last.
pub(crate) const BUCKETS: usize = DEFAULT_NANOS.len() + 1;

const ELAPSED: usize = 0;
const BUSY: usize = 1;
const CALLS: usize = 2;
const LENGTH: usize = CALLS + Outcome::ALL.len() * BUCKETS;

/// Counts a call: how it ended, how long it took, and for how much of that it was busy (0 where it is not a future).
#[inline]
pub(crate) fn record(site: &'static CallSite, outcome: Outcome, elapsed_ticks: u64, busy_ticks: u64) {
    match cells::owned(site.series()) {
        Some(cells) => count(cells, cells::add_owned, outcome, elapsed_ticks, busy_ticks),
        None => record_first(site, outcome, elapsed_ticks, busy_ticks),
    }
}

/// The first call of a call site, the first on its thread, or one on a thread that is nearly gone.
#[cold]
fn record_first(site: &'static CallSite, outcome: Outcome, elapsed: u64, busy: u64) {
    if site.series() == 0 {
        REGISTRY.register(site);
    }
    match cells::touch(site.series(), LENGTH) {
        Some(Place::Owned(cells)) => count(cells, cells::add_owned, outcome, elapsed, busy),
        Some(Place::Shared(cells)) => count(cells, cells::add_shared, outcome, elapsed, busy),
        // Beyond the limit on series; counted when the call site was registered.
        None => {}
    }
}

#[inline(always)]
fn count(cells: &Cells, add: impl Fn(&AtomicU64, u64), outcome: Outcome, elapsed: u64, busy: u64) {
    let Some(cells) = cells.first_chunk::<LENGTH>() else { return };
    add(&cells[ELAPSED], elapsed);
    if busy != 0 {
        add(&cells[BUSY], busy);
    }
    if let Some(calls) = cells.get(CALLS + outcome as usize * BUCKETS + DEFAULT.bucket(elapsed)) {
        add(calls, 1);
    }
}

/// The sums over all threads.
#[derive(Clone, Debug)]
pub(crate) struct Totals {
    pub(crate) elapsed_ticks: u64,
    pub(crate) busy_ticks: u64,
    /// The calls by outcome and bucket.
    pub(crate) calls: [[u64; BUCKETS]; Outcome::ALL.len()],
}

impl Totals {
    pub(crate) fn read(reader: &Reader, series: FunctionSeries) -> Self {
        let mut totals = Self { elapsed_ticks: 0, busy_ticks: 0, calls: Default::default() };
        for cells in reader.cells(series.number).filter_map(|cells| cells.first_chunk::<LENGTH>()) {
            let load = |at: usize| cells[at].load(Ordering::Relaxed);
            totals.elapsed_ticks = totals.elapsed_ticks.wrapping_add(load(ELAPSED));
            totals.busy_ticks = totals.busy_ticks.wrapping_add(load(BUSY));
            for (sum, cell) in totals.calls.as_flattened_mut().iter_mut().zip(&cells[CALLS..]) {
                *sum += cell.load(Ordering::Relaxed);
            }
        }
        totals
    }

    /// The calls that ended so.
    pub(crate) fn of_outcome(&self, outcome: Outcome) -> u64 {
        self.calls[outcome as usize].iter().sum()
    }

    /// The calls by bucket, however they ended.
    pub(crate) fn by_bucket(&self) -> [u64; BUCKETS] {
        std::array::from_fn(|bucket| self.calls.iter().map(|buckets| buckets[bucket]).sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn totals(site: &'static CallSite) -> Totals {
        if site.series() == 0 {
            REGISTRY.register(site);
        }
        Totals::read(&Reader::new(), FunctionSeries { number: site.series(), site, is_async: false })
    }

    #[test]
    fn a_call_counts_in_one_outcome_and_one_bucket() {
        static SITE: CallSite = CallSite::function("function=\"one_outcome\"", 1);
        for (times, outcome) in (1..).zip(Outcome::ALL) {
            (0..times).for_each(|_| record(&SITE, outcome, 50_000, 7));
        }
        let totals = totals(&SITE);
        assert_eq!(Outcome::ALL.map(|outcome| totals.of_outcome(outcome)), [1, 2, 3, 4]);
        assert_eq!(totals.by_bucket()[0], 10, "50 µs is within the first bound");
        assert_eq!(totals.by_bucket().iter().sum::<u64>(), 10);
        assert_eq!((totals.elapsed_ticks, totals.busy_ticks), (500_000, 70));
    }

    #[test]
    fn nothing_is_lost_between_threads_and_readers() {
        const THREADS: u64 = 4;
        const CALLS_EACH: u64 = 100_000;
        static SITE: CallSite = CallSite::function("function=\"nothing_lost\"", 1);
        std::thread::scope(|scope| {
            let writers: Vec<_> = (0..THREADS)
                .map(|_| {
                    scope.spawn(|| (0..CALLS_EACH).for_each(|call| record(&SITE, Outcome::Ok, call * 500, 0)))
                })
                .collect();
            let mut last = [0; BUCKETS];
            while !writers.iter().all(|writer| writer.is_finished()) {
                let now = totals(&SITE).by_bucket();
                assert!(now.iter().zip(&last).all(|(now, last)| now >= last), "{now:?} after {last:?}");
                last = now;
            }
        });
        let totals = totals(&SITE);
        assert_eq!(totals.of_outcome(Outcome::Ok), THREADS * CALLS_EACH);
        assert_eq!(totals.elapsed_ticks, THREADS * (0..CALLS_EACH).map(|call| call * 500).sum::<u64>());
    }

    #[test]
    fn a_call_in_the_destructor_of_a_thread_local_is_counted() {
        static SITE: CallSite = CallSite::function("function=\"late\"", 1);
        struct Late;
        impl Drop for Late {
            fn drop(&mut self) {
                record(&SITE, Outcome::Ok, 1, 1);
            }
        }
        thread_local! {
            static BEFORE: std::cell::Cell<Option<Late>> = const { std::cell::Cell::new(None) };
            static AFTER: std::cell::Cell<Option<Late>> = const { std::cell::Cell::new(None) };
        }
        let thread = std::thread::spawn(|| {
            BEFORE.set(Some(Late));
            record(&SITE, Outcome::Ok, 1, 1);
            AFTER.set(Some(Late));
        });
        thread.join().expect("the thread ends well");
        assert_eq!(totals(&SITE).of_outcome(Outcome::Ok), 3);
    }
}
