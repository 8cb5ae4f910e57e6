//! The latest durations of a series in one thread, as they were measured, before they are sorted into buckets.
//!
//! A processor does not read its time stamp counter before it knows where all earlier stores go. A bucket is computed from the
//! last reading and known late, so that a call which counted in its bucket at once would make the next one wait for that. A call
//! therefore only puts its duration down, in a place that is known beforehand, and every twelfth call sorts them all.
//!
//! Whoever reads meanwhile must count each call once: either here, or in its bucket. The thread that owns the cells says
//! beforehand which counter it will raise to what, and afterwards that it is done. A reader that sees the same before and after its
//! look knows what it has seen; one that is overtaken by a whole round of sorting takes what is sorted, which
//! holds all that was ever here when somebody looked before.

use super::atomic::{AtomicU32, AtomicU64, Ordering, fence, spin_loop};
use super::layout::Index;
use super::leaked::Leaked;

/// How many durations there are between two sortings: as many as fill a cache line, together with their sum.
pub(crate) const USUAL_ROOM: usize = 12;

/// The ticks that a place holds; longer calls are counted at once.
const MOST_TICKS: u64 = (1 << 30) - 1;

/// The bits that say how many there are.
const FILLED_BITS: u32 = 5;

#[derive(Debug)]
#[repr(C)]
pub(crate) struct Recent<const ROOM: usize = USUAL_ROOM> {
    /// How many were ever sorted, and how many are here; of these as many are sorted already as go beyond a multiple of
    /// the room.
    state: AtomicU64,
    /// Ticks, and in the last two bits the outcome.
    entries: [AtomicU32; ROOM],
    /// The way to a bucket, the same for all that are here.
    index: Leaked<Index>,
    step: Step,
}

/// The counters that durations are sorted into.
pub(crate) trait Counters {
    /// Shows each with its outcome and its bucket.
    fn each(&self, show: impl FnMut(usize, usize, &AtomicU64));
}

/// What is about to be counted.
#[derive(Debug)]
#[repr(C)]
struct Step {
    /// The number of the duration, from 1 on.
    number: AtomicU64,
    counter: Leaked<AtomicU64>,
    /// What the counter will be.
    value: AtomicU64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct State(u64);

impl State {
    const fn sorted(self) -> u64 {
        self.0 >> FILLED_BITS
    }

    const fn filled(self) -> usize {
        (self.0 & ((1 << FILLED_BITS) - 1)) as usize
    }

    const fn new(sorted: u64, filled: usize) -> Self {
        Self(sorted << FILLED_BITS | filled as u64)
    }

    /// The places of those that are not sorted yet.
    const fn unsorted<const ROOM: usize>(self) -> std::ops::Range<usize> {
        self.sorted() as usize % ROOM..self.filled()
    }
}

const fn entry(outcome: usize, ticks: u64) -> u32 {
    (ticks << 2) as u32 | outcome as u32 & 3
}

/// The outcome and the bucket of an entry.
fn sorted_by(index: &Index, entry: u32) -> (usize, usize) {
    ((entry & 3) as usize, index.bucket(f64::from(entry >> 2)))
}

/// The owner alone, and not while it sorts.
fn count_at_once(
    outcome: usize,
    bucket: usize,
    counter: impl Fn(usize, usize) -> Option<&'static AtomicU64>,
) -> bool {
    let Some(counter) = counter(outcome, bucket) else { return false };
    counter.store(counter.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    true
}

impl<const ROOM: usize> Recent<ROOM> {
    /// What a usual call needs ends here.
    #[cfg(test)]
    pub(crate) const END_OF_ENTRIES: usize = std::mem::offset_of!(Self, index);

    pub(crate) fn new() -> Self {
        Self {
            state: AtomicU64::new(0),
            entries: std::array::from_fn(|_| AtomicU32::new(0)),
            index: Leaked::none(),
            step: Step { number: AtomicU64::new(0), counter: Leaked::none(), value: AtomicU64::new(0) },
        }
    }

    /// Says how durations will be sorted, if that has not been said; before the first is put down.
    pub(crate) fn prepare(&self, index: &'static Index) {
        if self.index.get().is_none() {
            self.index.set(index);
        }
    }

    /// Puts a duration down, unless it would have to be sorted with all others; the owner alone.
    #[inline(always)]
    pub(crate) fn put(&self, outcome: usize, ticks: u64) -> bool {
        let state = State(self.state.load(Ordering::Relaxed));
        if state.filled() >= ROOM - 1 || ticks > MOST_TICKS {
            return false;
        }
        self.put_at(state, outcome, ticks)
    }

    #[inline(always)]
    fn put_at(&self, state: State, outcome: usize, ticks: u64) -> bool {
        let Some(place) = self.entries.get(state.filled()) else { return false };
        place.store(entry(outcome, ticks), Ordering::Relaxed);
        self.state.store(state.0 + 1, Ordering::Release);
        true
    }

    /// Puts a duration down, and sorts all when the room is filled; the owner alone. `latest` is the way to a bucket as
    /// it is known now, and `counter` gives the counter of an outcome and a bucket, or none where it cannot be made now: then the
    /// rest waits. False where there is no room, and the duration was not put down.
    pub(crate) fn put_and_sort(
        &self,
        (outcome, ticks): (usize, u64),
        latest: Option<&'static Index>,
        counter: impl Fn(usize, usize) -> Option<&'static AtomicU64>,
    ) -> bool {
        let mut state = State(self.state.load(Ordering::Relaxed));
        if state.filled() == ROOM {
            self.sort(state, &counter);
            state = State(self.state.load(Ordering::Relaxed));
        }
        if let Some(latest) = latest.filter(|_| state.filled() == 0) {
            self.index.set(latest);
        }
        if ticks > MOST_TICKS {
            return latest.is_some_and(|latest| count_at_once(outcome, latest.bucket(ticks as f64), counter));
        }
        if !self.put_at(state, outcome, ticks) {
            return false;
        }
        let state = State(self.state.load(Ordering::Relaxed));
        if state.filled() == ROOM {
            self.sort(state, &counter);
        }
        true
    }

    fn sort(&self, state: State, counter: &impl Fn(usize, usize) -> Option<&'static AtomicU64>) {
        let Some(index) = self.index.get() else { return };
        let mut sorted = state.sorted();
        // All buckets first, none of which waits for a counter.
        let buckets: [_; ROOM] =
            std::array::from_fn(|place| sorted_by(index, self.entries[place].load(Ordering::Relaxed)));
        for place in state.unsorted::<ROOM>() {
            let (outcome, bucket) = buckets[place];
            let Some(counter) = counter(outcome, bucket) else { return };
            let value = counter.load(Ordering::Relaxed) + 1;
            // Whoever sees the step also sees that the one before is done, and whoever sees the count also sees the step.
            fence(Ordering::Release);
            self.step.counter.set(counter);
            self.step.value.store(value, Ordering::Relaxed);
            self.step.number.store(sorted + 1, Ordering::Release);
            fence(Ordering::Release);
            counter.store(value, Ordering::Relaxed);
            sorted += 1;
            let filled = if place + 1 == ROOM { 0 } else { state.filled() };
            self.state.store(State::new(sorted, filled).0, Ordering::Release);
        }
    }

    /// Reads the counters together with what is not sorted yet; each call is in `counts` once, by outcome and bucket. It never
    /// waits for the owner.
    pub(crate) fn read(&self, counts: &mut Vec<(usize, usize, u64)>, counters: &impl Counters) {
        let begun = State(self.state.load(Ordering::Acquire)).sorted();
        while !self.read_once(counts, counters) {
            if State(self.state.load(Ordering::Acquire)).sorted() >= begun + ROOM as u64 {
                // All that was ever here when somebody looked is sorted by now.
                counts.clear();
                counters.each(|outcome, bucket, counter| {
                    counts.push((outcome, bucket, counter.load(Ordering::Relaxed)));
                });
                return;
            }
            spin_loop();
        }
    }

    /// Whether the owner sorted nothing meanwhile.
    fn read_once(&self, counts: &mut Vec<(usize, usize, u64)>, counters: &impl Counters) -> bool {
        counts.clear();
        let sorted = State(self.state.load(Ordering::Acquire)).sorted();
        let number = self.step.number.load(Ordering::Acquire);
        let (raised, value) = (self.step.counter.get(), self.step.value.load(Ordering::Relaxed));
        let index = self.index.get();
        let mut is_counted = false;
        counters.each(|outcome, bucket, counter| {
            let count = counter.load(Ordering::Relaxed);
            if count != 0 {
                let is_raised = raised.is_some_and(|raised| std::ptr::eq(raised, counter));
                is_counted |= number == sorted + 1 && is_raised && count >= value;
                counts.push((outcome, bucket, count));
            }
        });
        let unsorted = State(self.state.load(Ordering::Acquire)).unsorted::<ROOM>();
        if let Some(index) = index {
            for entry in self.entries.get(unsorted).unwrap_or_default().iter().skip(usize::from(is_counted)) {
                let (outcome, bucket) = sorted_by(index, entry.load(Ordering::Relaxed));
                counts.push((outcome, bucket, 1));
            }
        }
        fence(Ordering::Acquire);
        State(self.state.load(Ordering::Relaxed)).sorted() == sorted
            && self.step.number.load(Ordering::Relaxed) == number
            && self.index.get().map(std::ptr::from_ref) == index.map(std::ptr::from_ref)
    }
}

#[cfg(test)]
mod tests {
    use super::super::layout::{Layout, Octaves};
    use super::*;

    /// Counters for two outcomes and the buckets up to 1, 2, 4 and so on ticks.
    struct Small {
        recent: Recent<4>,
        counters: [[AtomicU64; 512]; 2],
        index: &'static Index,
    }

    impl Small {
        fn new() -> &'static Self {
            let layout = Layout::new(&[], None, Octaves { first: 0, last: 40 });
            let index: &'static Index = Box::leak(Box::new(Index::new(&layout, 1.0)));
            let counters = std::array::from_fn(|_| std::array::from_fn(|_| AtomicU64::new(0)));
            let small: &'static Self = Box::leak(Box::new(Self { recent: Recent::new(), counters, index }));
            small.recent.prepare(index);
            small
        }

        fn record(&'static self, outcome: usize, ticks: u64) -> bool {
            let counter = |outcome: usize, bucket: usize| self.counters[outcome].get(bucket);
            self.recent.put(outcome, ticks)
                || self.recent.put_and_sort((outcome, ticks), Some(self.index), counter)
        }

        fn read(&self) -> Vec<(usize, usize, u64)> {
            let mut counts = Vec::new();
            self.recent.read(&mut counts, self);
            counts.retain(|&(.., count)| count != 0);
            counts
        }

        fn total(&self) -> u64 {
            self.read().iter().map(|&(.., count)| count).sum()
        }
    }

    impl Counters for Small {
        fn each(&self, mut show: impl FnMut(usize, usize, &AtomicU64)) {
            for (outcome, counters) in self.counters.iter().enumerate() {
                counters.iter().enumerate().for_each(|(bucket, counter)| show(outcome, bucket, counter));
            }
        }
    }

    #[test]
    fn every_duration_is_counted_in_its_bucket_sorted_or_not() {
        let small = Small::new();
        let durations = [0, 1, 7, 1_000, MOST_TICKS, MOST_TICKS + 1, 1 << 39, u64::MAX / 4];
        let mut expected = std::collections::BTreeMap::new();
        for (call, &ticks) in durations.iter().cycle().take(41).enumerate() {
            assert!(small.record(call % 2, ticks));
            *expected.entry((call % 2, small.index.bucket(ticks as f64))).or_insert(0) += 1;
            let mut found = std::collections::BTreeMap::new();
            for (outcome, bucket, count) in small.read() {
                *found.entry((outcome, bucket)).or_insert(0) += count;
            }
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn what_cannot_be_sorted_waits_and_what_has_no_place_is_refused() {
        let small = Small::new();
        let nowhere = |_, _| None;
        for call in 1..=4 {
            assert!(small.recent.put(0, call) || small.recent.put_and_sort((0, call), None, nowhere));
        }
        assert!(!small.recent.put(0, 5) && !small.recent.put_and_sort((0, 5), None, nowhere));
        assert_eq!(small.total(), 4);
        assert!(small.record(0, 5), "there is room as soon as there are counters");
        assert_eq!(small.total(), 5);
    }

    #[test]
    fn a_reader_never_finds_fewer_than_before() {
        const CALLS: u64 = 300_000;
        let small = Small::new();
        std::thread::scope(|scope| {
            let owner = scope.spawn(|| (0..CALLS).for_each(|call| assert!(small.record(0, call % 64))));
            let mut last = 0;
            while !owner.is_finished() {
                let now = small.total();
                assert!((last..=CALLS).contains(&now), "{now} after {last}");
                last = now;
            }
        });
        assert_eq!(small.total(), CALLS);
    }
}
