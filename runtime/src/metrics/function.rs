//! What is kept of the calls of an annotated function.
//!
//! Outcome and bucket are one index: to count the one is to count the other, and the number of calls is always the
//! sum of the buckets, and of the calls that nobody timed.

use std::sync::atomic::{AtomicU64, Ordering, fence};

use super::bounds::{Bounds, DEFAULT};
use super::cells::{self, Cells, Place, Reader};
use super::registry::{FunctionSeries, REGISTRY};
use crate::call_site::CallSite;
use crate::outcome::Outcome;
use crate::reentry::MAKING_ROOM;

const OUTCOMES: usize = Outcome::ALL.len();

// The cells of a series.
const STARTED: usize = 0;
const ENDED: usize = 1;
const UNTIMED: usize = 2;
const COUNTDOWN: usize = UNTIMED + OUTCOMES;
const ELAPSED: usize = COUNTDOWN + 1;
const BUSY: usize = ELAPSED + 1;
const CALLS: usize = BUSY + 1;
/// How many there are with the default bounds.
const LENGTH: usize = length(&DEFAULT);

const fn length(bounds: &Bounds) -> usize {
    CALLS + OUTCOMES * bounds.buckets()
}

/// The first of these cells, in a call site itself. Calls count here, untimed, where making room for them would have
/// to wait for itself: an annotated allocator is called while room is made for its first call.
#[derive(Debug)]
pub(crate) struct Meanwhile([AtomicU64; COUNTDOWN]);

impl Meanwhile {
    pub(crate) const fn new() -> Self {
        Self([const { AtomicU64::new(0) }; COUNTDOWN])
    }
}

/// How long a call took, and for how much of that it was busy (0 where it is not a future).
#[derive(Clone, Copy)]
struct Timing {
    elapsed: u64,
    busy: u64,
}

/// Counts a call that has come to its end.
#[inline]
pub(crate) fn record(site: &'static CallSite, outcome: Outcome, elapsed: u64, busy: u64) {
    let timing = Timing { elapsed, busy };
    match cells::owned(site.plain_series()).and_then(|cells| cells.first_chunk::<LENGTH>()) {
        Some(cells) => count_timed(cells, &DEFAULT, cells::add_owned, outcome, timing),
        None => record_special(site, outcome, Some(timing)),
    }
}

/// The same for a call that was not timed.
pub(crate) fn record_untimed(site: &'static CallSite, outcome: Outcome) {
    record_special(site, outcome, None);
}

/// Counts the start of a call at a call site that wants to know. Whether the call is to be timed.
pub(crate) fn begin(site: &'static CallSite) -> bool {
    let started = |cells: &Cells, add: fn(&AtomicU64, u64)| {
        if let Some(started) = cells.get(STARTED).filter(|_| site.has_gauge()) {
            add(started, 1);
        }
    };
    match find(site) {
        Some((Place::Owned(cells), _)) => {
            started(cells, cells::add_owned);
            site.one_timed_in() == 1
                || cells.get(COUNTDOWN).is_none_or(|left| is_due(left, site.one_timed_in()))
        }
        Some((Place::Shared(cells), _)) => {
            started(cells, cells::add_shared);
            true
        }
        None => true,
    }
}

/// Takes the start of a call back.
pub(crate) fn forget(site: &'static CallSite) {
    if !site.has_gauge() {
        return;
    }
    let ended = |cells: &Cells, add: fn(&AtomicU64, u64)| {
        if let Some(ended) = cells.get(ENDED) {
            add(ended, 1);
        }
    };
    match find(site) {
        Some((Place::Owned(cells), _)) => ended(cells, cells::add_owned),
        Some((Place::Shared(cells), _)) => ended(cells, cells::add_shared),
        None => {}
    }
}

/// Counts down the calls of this thread to the next that is timed. The cell knows whose calls it counted: the first
/// call of the next thread to own it is timed.
fn is_due(countdown: &AtomicU64, one_in: u32) -> bool {
    let (kept, lease) = (countdown.load(Ordering::Relaxed), u64::from(cells::lease()));
    let left = if kept >> 32 == lease { kept & u64::from(u32::MAX) } else { 0 };
    let next = left.checked_sub(1).unwrap_or_else(|| u64::from(one_in) - 1);
    countdown.store(lease << 32 | next, Ordering::Relaxed);
    left == 0
}

/// A call at a call site with more to it than the default bounds, one whose cells are not there yet, or one on a
/// thread that is nearly gone.
#[inline(never)]
fn record_special(site: &'static CallSite, outcome: Outcome, timing: Option<Timing>) {
    match find(site) {
        Some((Place::Owned(cells), bounds)) => count(site, cells, bounds, cells::add_owned, outcome, timing),
        Some((Place::Shared(cells), bounds)) => {
            count(site, cells, bounds, cells::add_shared, outcome, timing)
        }
        // Beyond the limit on series; counted when the call site was registered.
        None => {}
    }
}

/// Where the calling thread counts the calls of a site, and the bounds there; none where durations cannot be counted.
type Found = (Place, Option<&'static Bounds>);

fn find(site: &'static CallSite) -> Option<Found> {
    if let Some((series, bounds)) = site.joined()
        && let Some(cells) = cells::owned(series)
    {
        return Some((Place::Owned(cells), Some(bounds)));
    }
    make_room(site)
}

#[cold]
fn make_room(site: &'static CallSite) -> Option<Found> {
    let made = MAKING_ROOM.run(|| {
        if site.joined().is_none() {
            REGISTRY.register(site);
        }
        let (series, bounds) = site.joined()?;
        Some((cells::touch(series, length(bounds))?, Some(bounds)))
    });
    made.unwrap_or(Some((Place::Shared(&site.meanwhile().0), None)))
}

fn count(
    site: &CallSite,
    cells: &Cells,
    bounds: Option<&Bounds>,
    add: fn(&AtomicU64, u64),
    outcome: Outcome,
    timing: Option<Timing>,
) {
    match timing.zip(bounds) {
        Some((timing, bounds)) => count_timed(cells, bounds, add, outcome, timing),
        None => {
            if let Some(untimed) = cells.get(UNTIMED + outcome as usize) {
                add(untimed, 1);
            }
        }
    }
    if let Some(ended) = cells.get(ENDED).filter(|_| site.has_gauge()) {
        // Whoever sees the end has seen the start, on whatever thread that was.
        fence(Ordering::Release);
        add(ended, 1);
    }
}

#[inline]
fn count_timed(
    cells: &Cells,
    bounds: &Bounds,
    add: impl Fn(&AtomicU64, u64),
    outcome: Outcome,
    Timing { elapsed, busy }: Timing,
) {
    let bucket = CALLS + outcome as usize * bounds.buckets() + bounds.bucket(elapsed);
    if let Some(sum) = cells.get(ELAPSED) {
        add(sum, elapsed);
    }
    if let Some(sum) = cells.get(BUSY).filter(|_| busy != 0) {
        add(sum, busy);
    }
    if let Some(calls) = cells.get(bucket) {
        add(calls, 1);
    }
}

/// The sums over all threads.
#[derive(Clone, Debug)]
pub(crate) struct Totals {
    pub(crate) elapsed_ticks: u64,
    pub(crate) busy_ticks: u64,
    /// The calls under way; none where nobody counts them.
    pub(crate) in_flight: Option<u64>,
    pub(crate) bounds: &'static Bounds,
    /// The calls that were not timed, by outcome.
    untimed: [u64; OUTCOMES],
    /// The calls that were, by outcome and within that by bucket.
    timed: Vec<u64>,
}

impl Totals {
    pub(crate) fn read(reader: &Reader, series: FunctionSeries) -> Self {
        let everywhere = || {
            let meanwhile = series.site.and_older().map(|site| &site.meanwhile().0[..]);
            reader.cells(series.number).chain(meanwhile)
        };
        let sum = |at: usize| {
            let cells = everywhere().filter_map(|cells| cells.get(at));
            cells.fold(0, |sum: u64, cell| sum.wrapping_add(cell.load(Ordering::Relaxed)))
        };
        let in_flight = series.has_gauge.then(|| {
            let ended = sum(ENDED);
            fence(Ordering::Acquire);
            sum(STARTED).wrapping_sub(ended)
        });
        let mut totals = Self {
            elapsed_ticks: sum(ELAPSED),
            busy_ticks: sum(BUSY),
            in_flight,
            bounds: series.bounds,
            untimed: std::array::from_fn(|outcome| sum(UNTIMED + outcome)),
            timed: vec![0; OUTCOMES * series.bounds.buckets()],
        };
        for cells in reader.cells(series.number) {
            for (sum, cell) in totals.timed.iter_mut().zip(cells.iter().skip(CALLS)) {
                *sum += cell.load(Ordering::Relaxed);
            }
        }
        totals
    }

    /// The calls that ended so.
    pub(crate) fn of_outcome(&self, outcome: Outcome) -> u64 {
        let buckets = self.timed.chunks_exact(self.bounds.buckets()).nth(outcome as usize);
        self.untimed[outcome as usize] + buckets.unwrap_or_default().iter().sum::<u64>()
    }

    /// The timed calls by bucket, however they ended.
    pub(crate) fn by_bucket(&self) -> Vec<u64> {
        let buckets = self.bounds.buckets();
        let of = |bucket| self.timed.iter().skip(bucket).step_by(buckets).sum();
        (0..buckets).map(of).collect()
    }

    /// What came after an earlier look at the same series.
    pub(crate) fn since(&self, earlier: &Self) -> Self {
        let mut after = self.clone();
        after.elapsed_ticks = self.elapsed_ticks.saturating_sub(earlier.elapsed_ticks);
        after.busy_ticks = self.busy_ticks.saturating_sub(earlier.busy_ticks);
        let counts = after.untimed.iter_mut().chain(&mut after.timed);
        for (count, before) in counts.zip(earlier.untimed.iter().chain(&earlier.timed)) {
            *count = count.saturating_sub(*before);
        }
        after
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn totals(site: &'static CallSite) -> Totals {
        REGISTRY.register(site);
        let mut all = REGISTRY.all_functions();
        all.retain(|series| series.site.labels() == site.labels());
        Totals::read(&Reader::new(), *all.first().expect("a registered call site"))
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
    fn call_sites_with_equal_labels_share_the_bounds_of_the_first() {
        static FIRST: CallSite = CallSite::function("function=\"bounds\"", 1).buckets(&[1_000, 2_000]);
        static PLAIN: CallSite = CallSite::function("function=\"bounds\"", 2);
        static OTHER: CallSite = CallSite::function("function=\"bounds\"", 3).buckets(&[5, 10, 50, 70, 90]);
        for site in [&FIRST, &PLAIN, &OTHER] {
            for elapsed in [1_000, 1_001, 2_001, 40_000_000_000] {
                record(site, Outcome::Error, elapsed, 0);
            }
        }
        let totals = totals(&FIRST);
        assert_eq!(totals.by_bucket(), [3, 3, 6]);
        assert_eq!(totals.of_outcome(Outcome::Error), 12);
        assert_eq!(Outcome::ALL.map(|outcome| totals.of_outcome(outcome)).iter().sum::<u64>(), 12);
        assert_eq!(totals.elapsed_ticks, 3 * 40_000_004_002);
    }

    #[test]
    fn bounds_of_a_later_call_site_do_not_change_those_of_a_plain_one() {
        static PLAIN: CallSite = CallSite::function("function=\"plain_bounds\"", 1);
        static LATER: CallSite = CallSite::function("function=\"plain_bounds\"", 2).buckets(&[1]);
        [&PLAIN, &LATER].into_iter().for_each(|site| record(site, Outcome::Ok, 60_000, 0));
        assert_eq!(totals(&PLAIN).by_bucket()[..3], [0, 2, 0]);
    }

    #[test]
    fn what_comes_while_room_is_made_is_counted_untimed() {
        static SITE: CallSite = CallSite::function("function=\"nested\"", 1).in_flight();
        let under_way = MAKING_ROOM.run(|| {
            assert!(begin(&SITE) && begin(&SITE));
            record(&SITE, Outcome::Error, 5, 0);
        });
        assert_eq!(under_way, Some(()));
        let nested = totals(&SITE);
        assert_eq!(
            (nested.in_flight, nested.of_outcome(Outcome::Error), nested.elapsed_ticks),
            (Some(1), 1, 0)
        );
        // The one that ends outside finds cells.
        record(&SITE, Outcome::Ok, 5, 0);
        let after = totals(&SITE);
        assert_eq!((after.in_flight, after.of_outcome(Outcome::Ok), after.elapsed_ticks), (Some(0), 1, 5));
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
            let mut last = vec![0; DEFAULT.buckets()];
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
