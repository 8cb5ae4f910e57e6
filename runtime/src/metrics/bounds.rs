//! The buckets of durations, and how to find them from ticks.

use std::sync::{Mutex, OnceLock, PoisonError};

use super::block::MAX_BUCKETS;
use super::layout::{Index, Layout, Octaves};
use super::leaked::Leaked;
use crate::clock;

/// The upper bounds of the classic buckets of an annotated function in nanoseconds: 50 µs to 30 s.
pub(crate) const DEFAULT_NANOS: [u64; 18] = [
    50_000,
    100_000,
    250_000,
    500_000,
    1_000_000,
    2_500_000,
    5_000_000,
    10_000_000,
    25_000_000,
    50_000_000,
    100_000_000,
    250_000_000,
    500_000_000,
    1_000_000_000,
    2_500_000_000,
    5_000_000_000,
    10_000_000_000,
    30_000_000_000,
];

/// From a nanosecond to a day and a half, in seconds.
const OCTAVES: Octaves = Octaves { first: -30, last: 17 };

/// Functions may have so many bounds of their own.
const MOST_BOUNDS: usize = 254;

// One is cut in two for a service level.
const _: () = assert!(OCTAVES.buckets(MOST_BOUNDS) < MAX_BUCKETS);

pub(crate) const NANOS_PER_SECOND: f64 = 1e9;

/// The bounds of a function that asks for none.
pub(crate) static DEFAULT: Bounds = Bounds::new(&DEFAULT_NANOS);

/// All others, each once.
static OTHERS: Mutex<Vec<&'static Bounds>> = Mutex::new(Vec::new());

/// The buckets of one set of classic bounds.
#[derive(Debug)]
pub(crate) struct Bounds {
    nanos: &'static [u64],
    /// Where a bucket ends besides, in nanoseconds: what a service level allows.
    cut: Option<u64>,
    layout: OnceLock<Layout>,
    /// For ticks; none before the first call that needs it, when it is known how long a tick is.
    index: Leaked<Index>,
}

impl Bounds {
    const fn new(nanos: &'static [u64]) -> Self {
        Self::check(nanos);
        Self { nanos, cut: None, layout: OnceLock::new(), index: Leaked::none() }
    }

    /// The bounds of these nanoseconds, for the rest of the process. It allocates and takes a lock.
    pub(crate) fn of(nanos: &'static [u64], cut: Option<u64>) -> &'static Self {
        if *nanos == DEFAULT_NANOS && cut.is_none() {
            return &DEFAULT;
        }
        let mut others = OTHERS.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = others.iter().find(|bounds| bounds.nanos == nanos && bounds.cut == cut) {
            return known;
        }
        let bounds: &'static Self = Box::leak(Box::new(Self { cut, ..Self::new(nanos) }));
        others.push(bounds);
        bounds
    }

    /// # Panics
    /// Where `upper` cannot be bounds.
    pub(crate) const fn check(upper: &[u64]) {
        assert!(!upper.is_empty(), "a histogram has at least one bound");
        assert!(upper.len() <= MOST_BOUNDS, "a histogram has at most 254 bounds");
        let mut at = 1;
        while at < upper.len() {
            assert!(upper[at - 1] < upper[at], "each bound is above the one before");
            at += 1;
        }
    }

    /// The upper bounds of the classic buckets in nanoseconds.
    pub(crate) const fn nanos(&self) -> &'static [u64] {
        self.nanos
    }

    /// Whether they are the bounds of a function that asks for none.
    #[cfg(test)]
    pub(crate) fn are_default(&self) -> bool {
        std::ptr::eq(self, &raw const DEFAULT)
    }

    /// All buckets, in seconds.
    pub(crate) fn layout(&self) -> &Layout {
        self.layout.get_or_init(|| {
            let classic: Vec<f64> = self.nanos.iter().copied().map(seconds).collect();
            Layout::new(&classic, self.cut.map(seconds), OCTAVES)
        })
    }

    /// The first bucket of durations that are longer than so many nanoseconds, which are those of the cut.
    pub(crate) fn first_above(&self, nanos: u64) -> usize {
        let bound = seconds(nanos);
        self.layout().upper().partition_point(|&upper| upper <= bound)
    }

    /// The way to a bucket from ticks, where it is made.
    #[inline]
    pub(crate) fn index(&self) -> Option<&'static Index> {
        self.index.get()
    }

    /// Makes the way to a bucket from ticks, if there is none. It allocates.
    pub(crate) fn prepare(&self) {
        if self.index.get().is_none() {
            self.measure_anew();
        }
    }

    /// The index before it stays where it is: a call may be reading it. There are few in a process' life.
    fn measure_anew(&self) {
        self.index.set(Box::leak(Box::new(Index::new(self.layout(), clock::per_second()))));
    }
}

/// So many nanoseconds as a bound in seconds. Of ticks that are nanoseconds it must allow as many, which the next number below
/// might not.
fn seconds(nanos: u64) -> f64 {
    let (nanos, seconds) = (nanos as f64, nanos as f64 / NANOS_PER_SECOND);
    if seconds * NANOS_PER_SECOND < nanos { seconds.next_up() } else { seconds }
}

/// Makes all bounds anew in ticks: a second has another number of them, as far as is known now.
pub(crate) fn measure_all_anew() {
    let others = OTHERS.lock().unwrap_or_else(PoisonError::into_inner);
    for bounds in others.iter().copied().chain([&DEFAULT]).filter(|bounds| bounds.index.get().is_some()) {
        bounds.measure_anew();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_equal_to_a_bound_is_in_its_bucket() {
        DEFAULT.prepare();
        let index = DEFAULT.index().expect("prepared");
        for (bucket, &nanos) in DEFAULT_NANOS.iter().enumerate() {
            let classic = |nanos: u64| DEFAULT.layout().classic(index.bucket(nanos as f64));
            assert_eq!([nanos - 1, nanos, nanos + 1].map(classic), [bucket, bucket, bucket + 1], "{nanos}");
        }
    }

    #[test]
    fn equal_bounds_are_made_once() {
        let one = Bounds::of(const { &[1, 2, 3] }, None);
        assert!(std::ptr::eq(one, Bounds::of(vec![1, 2, 3].leak(), None)));
        assert!(!std::ptr::eq(one, Bounds::of(&[1, 2], None)));
        assert!(!std::ptr::eq(one, Bounds::of(&[1, 2, 3], Some(2))));
        assert!(Bounds::of(DEFAULT_NANOS.to_vec().leak(), None).are_default());
        assert!(!Bounds::of(&DEFAULT_NANOS, Some(7)).are_default());
    }

    #[test]
    fn a_cut_lies_where_it_was_said_to_the_nanosecond() {
        for nanos in [1, 65_000, 250_000_000, 1_001_000_000, 59_999_999_999, 3_600_000_000_001] {
            let bounds = Bounds::of(&DEFAULT_NANOS, Some(nanos));
            let index = Index::new(bounds.layout(), NANOS_PER_SECOND);
            let first_above = bounds.first_above(nanos);
            let above = |ticks: u64| index.bucket(ticks as f64) >= first_above;
            assert_eq!([nanos - 1, nanos, nanos + 1].map(above), [false, false, true], "{nanos}");
        }
    }
}
