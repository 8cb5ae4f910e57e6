//! Which bucket a duration falls into.

use crate::clock;

/// The upper bounds of the buckets of an annotated function in nanoseconds: 50 µs to 30 s.
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

/// The bounds above, in ticks.
pub(crate) static DEFAULT: Bounds = Bounds::new(&DEFAULT_TICKS);

const DEFAULT_TICKS: [u64; DEFAULT_NANOS.len()] = {
    let mut ticks = DEFAULT_NANOS;
    let mut at = 0;
    while at < ticks.len() {
        ticks[at] = clock::ticks_in(std::time::Duration::from_nanos(DEFAULT_NANOS[at]));
        at += 1;
    }
    ticks
};

/// Rising inclusive upper bounds in ticks; what lies above the last is in one bucket more.
#[derive(Debug)]
pub(crate) struct Bounds {
    upper: &'static [u64],
    /// For each number of significant bits, the first bucket that a value of that many bits can be in. It leaves the
    /// search no more than one step where each bound is at least twice the one before.
    first: [u8; u64::BITS as usize + 1],
}

impl Bounds {
    pub(crate) const fn new(upper: &'static [u64]) -> Self {
        Self::check(upper);
        let mut first = [0; u64::BITS as usize + 1];
        let mut bits = 1;
        while bits < first.len() {
            let smallest = 1 << (bits - 1);
            let mut bucket = first[bits - 1];
            while (bucket as usize) < upper.len() && upper[bucket as usize] < smallest {
                bucket += 1;
            }
            first[bits] = bucket;
            bits += 1;
        }
        Self { upper, first }
    }

    /// Bounds in nanoseconds, for the rest of the process. A tick is a nanosecond.
    pub(crate) fn leaked(nanos: &'static [u64]) -> &'static Self {
        Box::leak(Box::new(Self::new(nanos)))
    }

    /// # Panics
    /// Where `upper` cannot be bounds.
    pub(crate) const fn check(upper: &[u64]) {
        assert!(!upper.is_empty(), "a histogram has at least one bound");
        assert!(upper.len() < u8::MAX as usize, "a histogram has at most 254 bounds");
        let mut at = 1;
        while at < upper.len() {
            assert!(upper[at - 1] < upper[at], "each bound is above the one before");
            at += 1;
        }
    }

    /// The bounds themselves.
    pub(crate) const fn upper(&self) -> &'static [u64] {
        self.upper
    }

    /// One bucket a bound, and one for what is above the last.
    pub(crate) const fn buckets(&self) -> usize {
        self.upper.len() + 1
    }

    /// Whether they are the bounds of a function that asks for none.
    pub(crate) fn are_default(&self) -> bool {
        std::ptr::eq(self, &DEFAULT)
    }

    /// The bucket of a value: the first whose bound is not below it.
    #[inline]
    pub(crate) fn bucket(&self, ticks: u64) -> usize {
        let bits = (u64::BITS - ticks.leading_zeros()) as usize;
        let mut bucket = usize::from(self.first[bits]);
        while let Some(&bound) = self.upper.get(bucket)
            && bound < ticks
        {
            bucket += 1;
        }
        bucket
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn searched(upper: &[u64], ticks: u64) -> usize {
        upper.iter().position(|&bound| ticks <= bound).unwrap_or(upper.len())
    }

    fn check(bounds: &Bounds) {
        let edges =
            bounds.upper.iter().copied().chain((0..u64::BITS).map(|bit| 1 << bit)).chain([0, u64::MAX]);
        for ticks in edges.flat_map(|edge: u64| [edge.saturating_sub(1), edge, edge.saturating_add(1)]) {
            assert_eq!(bounds.bucket(ticks), searched(bounds.upper, ticks), "{ticks} in {:?}", bounds.upper);
        }
    }

    const fn rising() -> [u64; 254] {
        let mut bounds = [0; 254];
        let mut at = 0;
        while at < bounds.len() {
            bounds[at] = at as u64 * 3;
            at += 1;
        }
        bounds
    }

    #[test]
    fn a_value_equal_to_a_bound_is_in_its_bucket() {
        for (bucket, &bound) in DEFAULT.upper.iter().enumerate() {
            assert_eq!(DEFAULT.bucket(bound), bucket);
            assert_eq!(DEFAULT.bucket(bound + 1), bucket + 1);
        }
    }

    #[test]
    fn the_shortcut_finds_what_a_search_finds() {
        check(&DEFAULT);
        check(&Bounds::new(&[0]));
        check(&Bounds::new(&[1, 2, 3, 4, 5, 6, 7, 8, 9]));
        check(&Bounds::new(const { &rising() }));
        check(&Bounds::new(&[1000, 1001, 1002, u64::MAX - 1, u64::MAX]));
    }
}
