//! What is kept of the calls of an annotated function.
//!
//! Outcome and bucket are one index: to count the one is to count the other, and the number of calls is always the
//! sum of the buckets, and of the calls that nobody timed.

use std::sync::atomic::{AtomicU64, Ordering, fence};

use super::block::{Block, OUTCOMES};
use super::bounds::{Bounds, DEFAULT};
use super::cells::{self, Reader, add_owned, add_shared};
use super::registry::{FunctionSeries, REGISTRY};
use crate::call_site::CallSite;
use crate::outcome::Outcome;
use crate::reentry::MAKING_ROOM;
use crate::slo::{ServiceLevel, Slo};

const _: () = assert!(Outcome::ALL.len() == OUTCOMES);

/// Some cells in a call site itself. Calls count here, untimed, where making room for them would have to wait for
/// itself: an annotated allocator is called while room is made for its first call.
#[derive(Debug)]
pub(crate) struct Meanwhile {
    started: AtomicU64,
    ended: AtomicU64,
    untimed: [AtomicU64; OUTCOMES],
}

impl Meanwhile {
    pub(crate) const fn new() -> Self {
        Self {
            started: AtomicU64::new(0),
            ended: AtomicU64::new(0),
            untimed: [const { AtomicU64::new(0) }; OUTCOMES],
        }
    }
}

/// How long a call took, and for how much of that it was busy (0 where it is not a future).
#[derive(Clone, Copy)]
struct Timing {
    elapsed: u64,
    busy: u64,
}

impl Timing {
    #[inline]
    fn sum(self, block: &Block, add: impl Fn(&AtomicU64, u64)) {
        add(&block.sum, self.elapsed);
        if self.busy != 0 {
            add(&block.busy, self.busy);
        }
    }
}

/// Counts a call that has come to its end, where that takes no more than a few instructions. Otherwise it counts nothing.
#[inline(always)]
pub(crate) fn record_usual(site: &'static CallSite, outcome: Outcome, elapsed: u64, busy: u64) -> bool {
    if let Some(block) = cells::owned(site.series())
        && block.recent.put(outcome as usize, elapsed)
    {
        Timing { elapsed, busy }.sum(block, add_owned);
        if site.has_gauge() {
            fence(Ordering::Release);
            add_owned(&block.ended, 1);
        }
        return true;
    }
    false
}

/// Counts a call that has come to its end.
#[inline(never)]
pub(crate) fn record(site: &'static CallSite, outcome: Outcome, elapsed: u64, busy: u64) {
    let found = find(site);
    match &found {
        Found::Place(place) => place.count(outcome as usize, Timing { elapsed, busy }),
        Found::Meanwhile => add_shared(&site.meanwhile().untimed[outcome as usize], 1),
        // Beyond the limit on series; counted when the call site was registered.
        Found::Nowhere => {}
    }
    end(site, found);
}

/// The same for a call that was not timed.
#[inline(never)]
pub(crate) fn record_untimed(site: &'static CallSite, outcome: Outcome) {
    match cells::owned(site.series()).filter(|_| !site.has_gauge()) {
        Some(block) => {
            add_owned(&block.untimed[outcome as usize], 1);
            skip(site, block);
        }
        None => record_untimed_unusual(site, outcome),
    }
}

/// Of so many calls, one is timed: the next one after all others were skipped.
#[inline]
fn skip(site: &CallSite, block: &Block) {
    let skipped = block.skipped.load(Ordering::Relaxed) + 1;
    let is_over = skipped + 1 >= u64::from(site.one_timed_in());
    block.skipped.store(if is_over { 0 } else { skipped }, Ordering::Relaxed);
    if is_over {
        site.start_of_call().give_turn();
    }
}

#[inline(never)]
fn record_untimed_unusual(site: &'static CallSite, outcome: Outcome) {
    let found = find(site);
    match &found {
        Found::Place(place) => {
            place.count_untimed(outcome as usize);
            if !place.is_shared {
                skip(site, place.block);
            }
        }
        Found::Meanwhile => add_shared(&site.meanwhile().untimed[outcome as usize], 1),
        Found::Nowhere => {}
    }
    end(site, found);
}

/// Counts the start of a call, at a call site that wants to know.
#[inline]
pub(crate) fn begin(site: &'static CallSite) {
    if site.has_gauge() {
        match cells::owned(site.series()) {
            Some(block) => add_owned(&block.started, 1),
            None => begin_unusual(site),
        }
    }
}

/// Takes the start of a call back.
pub(crate) fn forget(site: &'static CallSite) {
    if site.has_gauge() {
        end(site, find(site));
    }
}

#[cold]
fn begin_unusual(site: &'static CallSite) {
    match find(site) {
        Found::Place(Place { block, is_shared: false, .. }) => add_owned(&block.started, 1),
        Found::Place(Place { block, .. }) => add_shared(&block.started, 1),
        Found::Meanwhile => add_shared(&site.meanwhile().started, 1),
        Found::Nowhere => {}
    }
}

/// Counts the end of a call that was under way. Whoever sees the end has seen the start, on whatever thread that was.
fn end(site: &'static CallSite, found: Found) {
    if !site.has_gauge() {
        return;
    }
    fence(Ordering::Release);
    match found {
        Found::Place(Place { block, is_shared: false, .. }) => add_owned(&block.ended, 1),
        Found::Place(Place { block, .. }) => add_shared(&block.ended, 1),
        Found::Meanwhile => add_shared(&site.meanwhile().ended, 1),
        Found::Nowhere => {}
    }
}

/// Where the calling thread counts the calls of a site.
enum Found {
    Place(Place),
    /// In the site itself, for the time being.
    Meanwhile,
    Nowhere,
}

struct Place {
    series: u32,
    block: &'static Block,
    is_shared: bool,
    bounds: &'static Bounds,
}

fn find(site: &'static CallSite) -> Found {
    if let Some((series, bounds)) = site.joined()
        && let Some(block) = cells::owned(series)
    {
        return Found::Place(Place { series, block, is_shared: false, bounds });
    }
    make_room(site)
}

#[cold]
fn make_room(site: &'static CallSite) -> Found {
    let made = MAKING_ROOM.run(|| {
        if site.joined().is_none() {
            REGISTRY.register(site);
        }
        let (series, bounds) = site.joined()?;
        let place = cells::touch(series)?;
        place.block.recent.prepare(bounds.index()?);
        Some(Place { series, block: place.block, is_shared: place.is_shared(), bounds })
    });
    match made {
        Some(Some(place)) => Found::Place(place),
        Some(None) => Found::Nowhere,
        None => Found::Meanwhile,
    }
}

impl Place {
    fn count(&self, outcome: usize, timing: Timing) {
        let add = if self.is_shared { add_shared } else { add_owned };
        let is_counted = if self.is_shared {
            self.count_shared(outcome, timing)
        } else {
            let counter = |outcome, bucket| self.counter(outcome, bucket);
            self.block.recent.put_and_sort((outcome, timing.elapsed), self.bounds.index(), counter)
        };
        if is_counted {
            timing.sum(self.block, add);
        } else {
            self.count_untimed(outcome);
        }
    }

    fn count_shared(&self, outcome: usize, timing: Timing) -> bool {
        let bucket = self.bounds.index().map(|index| index.bucket(timing.elapsed as f64));
        let counter = bucket.and_then(|bucket| self.counter(outcome, bucket));
        counter.inspect(|counter| add_shared(counter, 1)).is_some()
    }

    fn count_untimed(&self, outcome: usize) {
        let add = if self.is_shared { add_shared } else { add_owned };
        add(&self.block.untimed[outcome], 1);
    }

    /// None where to make it would have to wait for itself.
    fn counter(&self, outcome: usize, bucket: usize) -> Option<&'static AtomicU64> {
        let made = || MAKING_ROOM.run(|| Some(cells::touch(self.series)?.counter(outcome, bucket))).flatten();
        self.block.counter(outcome, bucket).or_else(made)
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
    /// What the function promises.
    slo: Option<&'static Slo>,
    /// All calls, by outcome.
    calls: [u64; OUTCOMES],
    /// Those that took longer than the service level allows, by outcome.
    late: [u64; OUTCOMES],
    /// The timed ones, by bucket.
    buckets: Vec<u64>,
    /// The buckets outside of this range are empty.
    hit: (usize, usize),
    /// What was read of one block, before it is added up.
    counts: Vec<(usize, usize, u64)>,
}

impl Default for Totals {
    fn default() -> Self {
        Self {
            elapsed_ticks: 0,
            busy_ticks: 0,
            in_flight: None,
            bounds: &DEFAULT,
            slo: None,
            calls: [0; OUTCOMES],
            late: [0; OUTCOMES],
            buckets: Vec::new(),
            hit: (0, 0),
            counts: Vec::new(),
        }
    }
}

impl Totals {
    pub(crate) fn of(reader: &Reader, series: FunctionSeries) -> Self {
        let mut totals = Self::default();
        totals.read(reader, series);
        totals
    }

    /// Reads a series into what was read of another one: only the first allocates.
    pub(crate) fn read(&mut self, reader: &Reader, series: FunctionSeries) {
        let (first, last) = self.hit;
        // Where nothing was hit, the first is behind the last.
        if let Some(hit) = self.buckets.get_mut(first..last) {
            hit.fill(0);
        }
        self.buckets.resize(series.bounds.layout().len().max(self.buckets.len()), 0);
        self.hit = (self.buckets.len(), 0);
        self.bounds = series.bounds;
        self.slo = series.slo;
        (self.calls, self.late) = ([0; OUTCOMES], [0; OUTCOMES]);
        let allowed = series.slo.and_then(|slo| slo.latency);
        let late_from = allowed.map_or(usize::MAX, |nanos| series.bounds.first_above(nanos));
        (self.elapsed_ticks, self.busy_ticks) = (0, 0);
        for block in reader.blocks(series.number) {
            self.add(block, late_from);
        }
        for site in series.site.and_older() {
            for (calls, untimed) in self.calls.iter_mut().zip(&site.meanwhile().untimed) {
                *calls += untimed.load(Ordering::Relaxed);
            }
        }
        self.in_flight = series.has_gauge.then(|| in_flight(reader, series));
    }

    #[inline]
    fn add(&mut self, block: &Block, late_from: usize) {
        self.elapsed_ticks = self.elapsed_ticks.wrapping_add(block.sum.load(Ordering::Relaxed));
        self.busy_ticks = self.busy_ticks.wrapping_add(block.busy.load(Ordering::Relaxed));
        for (calls, untimed) in self.calls.iter_mut().zip(&block.untimed) {
            *calls += untimed.load(Ordering::Relaxed);
        }
        block.read(&mut self.counts);
        // What changes with each count is at hand here, and behind a pointer there.
        let (mut calls, mut late, (mut first, mut end)) = (self.calls, self.late, self.hit);
        for &(outcome, bucket, count) in self.counts.iter().filter(|&&(.., count)| count != 0) {
            if let (Some(calls), Some(sum)) = (calls.get_mut(outcome), self.buckets.get_mut(bucket)) {
                *calls += count;
                *sum += count;
                if bucket >= late_from {
                    late[outcome] += count;
                }
                (first, end) = (first.min(bucket), end.max(bucket + 1));
            }
        }
        (self.calls, self.late, self.hit) = (calls, late, (first, end));
    }

    /// The calls that ended so.
    pub(crate) fn of_outcome(&self, outcome: Outcome) -> u64 {
        self.calls[outcome as usize]
    }

    /// How the service level stands, where there is one. A call that nobody timed goes by its outcome alone.
    pub(crate) fn service_level(&self) -> Option<ServiceLevel> {
        let of = |calls: [u64; OUTCOMES]| move |outcome: Outcome| calls[outcome as usize];
        self.slo.map(|slo| ServiceLevel::new(slo, of(self.calls), of(self.late)))
    }

    /// The timed calls by bucket of the layout, however they ended; none is left out that has any.
    pub(crate) fn hits(&self) -> impl DoubleEndedIterator<Item = (usize, u64)> {
        let (first, last) = self.hit;
        let hit = self.buckets.get(first..last).unwrap_or_default();
        hit.iter().enumerate().map(move |(at, &count)| (first + at, count)).filter(|&(_, count)| count != 0)
    }

    /// The timed calls, however they ended.
    pub(crate) fn timed(&self) -> u64 {
        self.hits().map(|(_, count)| count).sum()
    }

    /// Appends the timed calls by classic bucket, one more than there are bounds.
    #[cfg(any(feature = "telemetry", test))]
    pub(crate) fn classic(&self, counts: &mut Vec<u64>) {
        let (start, layout) = (counts.len(), self.bounds.layout());
        counts.resize(start + self.bounds.nanos().len() + 1, 0);
        let counts = &mut counts[start..];
        for (bucket, count) in self.hits() {
            counts[layout.classic(bucket)] += count;
        }
    }

    /// The timed calls by native bucket, those that have any; gives the number of those that took no time.
    #[cfg(feature = "telemetry")]
    pub(crate) fn native(&self, counts: &mut Vec<(i32, u64)>) -> u64 {
        counts.clear();
        let mut zero = 0;
        for (bucket, count) in self.hits() {
            match (self.bounds.layout().native(bucket), counts.last_mut()) {
                (None, _) => zero += count,
                (Some(index), Some((last, sum))) if *last == index => *sum += count,
                (Some(index), _) => counts.push((index, count)),
            }
        }
        zero
    }

    /// What came after an earlier look at the same series.
    pub(crate) fn since(&self, earlier: &Self) -> Self {
        let mut after = self.clone();
        after.elapsed_ticks = self.elapsed_ticks.saturating_sub(earlier.elapsed_ticks);
        after.busy_ticks = self.busy_ticks.saturating_sub(earlier.busy_ticks);
        let counts = after.calls.iter_mut().chain(&mut after.late).chain(&mut after.buckets);
        let before = earlier.calls.iter().chain(&earlier.late).chain(&earlier.buckets);
        for (count, before) in counts.zip(before) {
            *count = count.saturating_sub(*before);
        }
        after
    }
}

/// The ends are read first: none is seen without its start.
fn in_flight(reader: &Reader, series: FunctionSeries) -> u64 {
    let sum = |of_block: fn(&Block) -> &AtomicU64, of_site: fn(&Meanwhile) -> &AtomicU64| {
        let blocks = reader.blocks(series.number).map(of_block);
        let sites = series.site.and_older().map(|site| of_site(site.meanwhile()));
        blocks.chain(sites).fold(0, |sum: u64, cell| sum.wrapping_add(cell.load(Ordering::Relaxed)))
    };
    let ended = sum(|block| &block.ended, |meanwhile| &meanwhile.ended);
    fence(Ordering::Acquire);
    sum(|block| &block.started, |meanwhile| &meanwhile.started).wrapping_sub(ended)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn totals(site: &'static CallSite) -> Totals {
        REGISTRY.register(site);
        let mut all = REGISTRY.all_functions();
        all.retain(|series| series.site.labels() == site.labels());
        Totals::of(&Reader::new(), *all.first().expect("a registered call site"))
    }

    fn classic(totals: &Totals) -> Vec<u64> {
        let mut counts = Vec::new();
        totals.classic(&mut counts);
        counts
    }

    #[test]
    fn a_call_is_in_time_to_the_nanosecond() {
        // 65 µs are no sum of powers of two, and in no bucket's bound.
        const LATENCY: u64 = 65_000;
        static SLO: Slo = Slo { name: "in_time", objective: 0.99, latency: Some(LATENCY) };
        static SITE: CallSite = CallSite::future("function=\"in_time\"", 1).slo(&SLO);
        let clock = crate::clock::manual::Clock::at(1);
        for (nanos, expected) in [(LATENCY - 1, (1, 0)), (LATENCY, (2, 0)), (LATENCY + 1, (2, 1))] {
            let call = SITE.start();
            clock.advance(std::time::Duration::from_nanos(nanos));
            call.finish(Outcome::Ok);
            let level = totals(&SITE).service_level().expect("it promises something");
            assert_eq!((level.good(), level.bad()), expected, "{nanos}");
        }
        for (nanos, expected) in [(LATENCY, (2, 1)), (LATENCY + 1, (2, 2))] {
            let call = SITE.start();
            clock.advance(std::time::Duration::from_nanos(nanos));
            drop(call);
            let level = totals(&SITE).service_level().expect("it promises something");
            assert_eq!((level.good(), level.bad()), expected, "cancelled after {nanos}");
        }
    }

    #[test]
    fn a_call_counts_in_one_outcome_and_one_bucket() {
        static SITE: CallSite = CallSite::function("function=\"one_outcome\"", 1);
        for (times, outcome) in (1..).zip(Outcome::ALL) {
            (0..times).for_each(|_| record(&SITE, outcome, 50_000, 7));
        }
        let totals = totals(&SITE);
        assert_eq!(Outcome::ALL.map(|outcome| totals.of_outcome(outcome)), [1, 2, 3, 4]);
        assert_eq!(classic(&totals)[0], 10, "50 µs is within the first bound");
        assert_eq!(totals.timed(), 10);
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
        assert_eq!(classic(&totals), [3, 3, 6]);
        assert_eq!(totals.of_outcome(Outcome::Error), 12);
        assert_eq!(Outcome::ALL.map(|outcome| totals.of_outcome(outcome)).iter().sum::<u64>(), 12);
        assert_eq!(totals.elapsed_ticks, 3 * 40_000_004_002);
    }

    #[test]
    fn bounds_of_a_later_call_site_do_not_change_those_of_a_plain_one() {
        static PLAIN: CallSite = CallSite::function("function=\"plain_bounds\"", 1);
        static LATER: CallSite = CallSite::function("function=\"plain_bounds\"", 2).buckets(&[1]);
        [&PLAIN, &LATER].into_iter().for_each(|site| record(site, Outcome::Ok, 60_000, 0));
        assert_eq!(classic(&totals(&PLAIN))[..3], [0, 2, 0]);
    }

    #[test]
    fn what_comes_while_room_is_made_is_counted_untimed() {
        static SITE: CallSite = CallSite::function("function=\"nested\"", 1).in_flight();
        let under_way = MAKING_ROOM.run(|| {
            (0..2).for_each(|_| begin(&SITE));
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
            let mut last = vec![0; DEFAULT.nanos().len() + 1];
            while !writers.iter().all(|writer| writer.is_finished()) {
                let now = classic(&totals(&SITE));
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
