//! The latest durations of a series in one thread, as they were measured, before they are sorted into buckets.
//!
//! A processor does not read its time stamp counter before it knows where all earlier stores go. A bucket is computed from the
//! last reading and known late, so that a call which counted in its bucket at once would make the next one wait for that. A call
//! therefore only puts its duration down, in a place that is known beforehand, and every sixteenth call sorts them all.
//!
//! Whoever reads meanwhile must count each call once: either here, or in its bucket. The thread that owns the cells says
//! beforehand which counter it will raise to what, and afterwards that it is done. A reader that sees the same before and after its
//! look knows what it has seen; one that is overtaken by a whole round of sorting takes what is sorted, which
//! holds all that was ever here when somebody looked before.

use super::atomic::{AtomicU64, Ordering, fence, spin_loop};
use super::layout::Index;
use super::leaked::Leaked;

/// How many durations there are between two sortings.
pub(crate) const USUAL_ROOM: usize = 16;

/// The bits that say how many there are.
const FILLED_BITS: u32 = 5;

#[derive(Debug)]
#[repr(C)]
pub(crate) struct Recent<const ROOM: usize = USUAL_ROOM> {
    /// How many were ever sorted, and how many are here; of these as many are sorted already as go beyond a multiple of
    /// the room.
    state: AtomicU64,
    /// The way to a bucket, the same for all that are here.
    index: Leaked<Index>,
    step: Step,
    /// Ticks, and in the last two bits the outcome.
    entries: [AtomicU64; ROOM],
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

const fn entry(outcome: usize, ticks: u64) -> u64 {
    ticks << 2 | outcome as u64 & 3
}

/// The outcome and the bucket of an entry.
fn sorted_by(index: &Index, entry: u64) -> (usize, usize) {
    // A signed number of ticks is one instruction; no call lasts 2^62 of them.
    ((entry & 3) as usize, index.bucket((entry >> 2) as i64 as f64))
}

impl<const ROOM: usize> Recent<ROOM> {
    pub(crate) fn new() -> Self {
        Self {
            state: AtomicU64::new(0),
            index: Leaked::none(),
            step: Step { number: AtomicU64::new(0), counter: Leaked::none(), value: AtomicU64::new(0) },
            entries: std::array::from_fn(|_| AtomicU64::new(0)),
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
        if state.filled() >= ROOM - 1 {
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
        for place in state.unsorted::<ROOM>() {
            let (outcome, bucket) = sorted_by(index, self.entries[place].load(Ordering::Relaxed));
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

    /// Reads the counters, as `counters` shows them, together with what is not sorted yet; each call is in `counts` once, by outcome
    /// and bucket. It never waits for the owner.
    pub(crate) fn read<'a>(
        &self,
        counts: &mut Vec<(usize, usize, u64)>,
        counters: impl Fn(&mut dyn FnMut(usize, usize, &'a AtomicU64)),
    ) {
        let begun = State(self.state.load(Ordering::Acquire)).sorted();
        while !self.read_once(counts, &counters) {
            if State(self.state.load(Ordering::Acquire)).sorted() >= begun + ROOM as u64 {
                // All that was ever here when somebody looked is sorted by now.
                counts.clear();
                counters(&mut |outcome, bucket, counter| {
                    counts.push((outcome, bucket, counter.load(Ordering::Relaxed)));
                });
                return;
            }
            spin_loop();
        }
    }

    /// Whether the owner sorted nothing meanwhile.
    fn read_once<'a>(
        &self,
        counts: &mut Vec<(usize, usize, u64)>,
        counters: &impl Fn(&mut dyn FnMut(usize, usize, &'a AtomicU64)),
    ) -> bool {
        counts.clear();
        let sorted = State(self.state.load(Ordering::Acquire)).sorted();
        let number = self.step.number.load(Ordering::Acquire);
        let (raised, value) = (self.step.counter.get(), self.step.value.load(Ordering::Relaxed));
        let index = self.index.get();
        let mut is_counted = false;
        counters(&mut |outcome, bucket, counter| {
            let count = counter.load(Ordering::Relaxed);
            let is_raised = raised.is_some_and(|raised| std::ptr::eq(raised, counter));
            is_counted |= number == sorted + 1 && is_raised && count >= value;
            counts.push((outcome, bucket, count));
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

