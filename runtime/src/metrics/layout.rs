//! Which buckets a histogram has: those of a native (exponential) one and the classic ones, cut as fine as both
//! together, so that each count belongs to exactly one bucket of either kind.

/// The schema of native buckets: eight to each power of two, so that two neighbours are 9 % apart.
///
/// <https://prometheus.io/docs/specs/native_histograms/>
pub(crate) const SCHEMA: u32 = 3;
const PER_OCTAVE: i32 = 1 << SCHEMA;

/// Upper bounds of the native buckets in one octave: 2 to the power of 0/8 to 7/8.
#[expect(clippy::approx_constant, reason = "as they are specified")]
const WITHIN_OCTAVE: [f64; PER_OCTAVE as usize] = [
    1.0,
    1.0905077326652577,
    1.189207115002721,
    1.2968395546510096,
    1.414213562373095,
    1.5422108254079407,
    1.6817928305074292,
    1.8340080864093422,
];

/// The inclusive upper bound of a native bucket.
pub(crate) fn native_bound(index: i32) -> f64 {
    WITHIN_OCTAVE[index.rem_euclid(PER_OCTAVE) as usize] * 2_f64.powi(index.div_euclid(PER_OCTAVE))
}

/// The powers of two between which native buckets lie: at or below the first is nought, above the last is the last.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Octaves {
    pub(crate) first: i32,
    pub(crate) last: i32,
}

impl Octaves {
    /// How many buckets there are at the most, together with so many classic bounds.
    pub(crate) const fn buckets(self, classic: usize) -> usize {
        ((self.last - self.first) * PER_OCTAVE) as usize + classic + 2
    }
}

/// The buckets of a histogram, from the one of nought to the one above all bounds.
#[derive(Debug)]
pub(crate) struct Layout {
    octaves: Octaves,
    /// Inclusive upper bounds; there is one bucket more.
    upper: Box<[f64]>,
    /// For each bucket the native one that it belongs to; that of nought belongs to none.
    native: Box<[i32]>,
    /// For each bucket the classic one.
    classic: Box<[u16]>,
}

impl Layout {
    /// The buckets for classic upper bounds, which rise; where there is a cut, none of them goes on beyond it.
    pub(crate) fn new(classic: &[f64], cut: Option<f64>, octaves: Octaves) -> Self {
        let natives = octaves.first * PER_OCTAVE..=octaves.last * PER_OCTAVE;
        let mut upper: Vec<f64> =
            natives.map(native_bound).chain(classic.iter().copied()).chain(cut).collect();
        upper.sort_by(f64::total_cmp);
        upper.dedup();
        let above = [f64::INFINITY];
        let each = || upper.iter().chain(&above);
        let first = octaves.first * PER_OCTAVE;
        let mut next = first;
        let native = each().map(|&bound| {
            while next <= octaves.last * PER_OCTAVE && native_bound(next) < bound {
                next += 1;
            }
            next
        });
        let native = native.collect();
        let classic =
            each().map(|&bound| classic.partition_point(|&classic| classic < bound) as u16).collect();
        Self { octaves, native, classic, upper: upper.into() }
    }

    pub(crate) fn len(&self) -> usize {
        self.upper.len() + 1
    }

    /// The bounds, without the infinite last.
    pub(crate) fn upper(&self) -> &[f64] {
        &self.upper
    }

    /// At or below this a value counts as nought.
    pub(crate) fn zero_threshold(&self) -> f64 {
        native_bound(self.octaves.first * PER_OCTAVE)
    }

    /// The index of the native bucket that a bucket belongs to; none for those of nought.
    pub(crate) fn native(&self, bucket: usize) -> Option<i32> {
        self.native.get(bucket).copied().filter(|&index| index > self.octaves.first * PER_OCTAVE)
    }

    /// The classic bucket that a bucket belongs to.
    pub(crate) fn classic(&self, bucket: usize) -> usize {
        self.classic.get(bucket).copied().map_or(0, usize::from)
    }
}

/// Finds the bucket of a value. The value's exponent and the first digits of its fraction choose a cell, and a cell is cut
/// by few bounds: with all of them the value is compared at once.
#[derive(Debug)]
pub(crate) struct Index {
    /// The bits that the first cell begins with.
    low: usize,
    cells: Box<[Cut]>,
    /// All bounds.
    upper: Box<[u64]>,
}

/// A cell, and the bounds in it as bits: these are ordered as the numbers are, where none is negative.
#[derive(Debug)]
#[repr(align(32))]
struct Cut {
    bounds: [u64; Cut::BOUNDS],
    /// The bucket of the lowest value.
    first: u16,
    is_cut_finer: bool,
}

impl Cut {
    const BOUNDS: usize = 3;
}

/// What is left of a number's bits: sign, exponent, and three binary digits of the fraction.
const CELL_SHIFT: u32 = f64::MANTISSA_DIGITS - 1 - 3;

const fn cell_of(bits: u64) -> usize {
    (bits >> CELL_SHIFT) as usize
}

impl Index {
    /// The index for values of which `scale` are one in the layout.
    pub(crate) fn new(layout: &Layout, scale: f64) -> Self {
        let upper: Vec<u64> = layout.upper.iter().map(|bound| (bound * scale).max(0.0).to_bits()).collect();
        // What lies below the smallest bound above nought is in the first cell, what lies above the largest in the last.
        let smallest = upper.iter().copied().find(|&bound| bound > 0).unwrap_or(0);
        let low = cell_of(smallest).saturating_sub(1);
        let high = cell_of(upper.last().copied().unwrap_or(0)) + 1;
        let cut = |cell: usize| {
            let begin = if cell == low { 0 } else { (cell as u64) << CELL_SHIFT };
            let end = (cell as u64 + 1) << CELL_SHIFT;
            let (first, last) =
                (upper.partition_point(|&bound| bound < begin), upper.partition_point(|&bound| bound < end));
            let mut bounds = [u64::MAX; Cut::BOUNDS];
            bounds.iter_mut().zip(&upper[first..last]).for_each(|(bound, &upper)| *bound = upper);
            Cut { bounds, first: first as u16, is_cut_finer: last - first > Cut::BOUNDS }
        };
        Self { low, cells: (low..=high).map(cut).collect(), upper: upper.into() }
    }

    /// The bucket of a value that is not negative.
    #[inline]
    pub(crate) fn bucket(&self, value: f64) -> usize {
        self.usual_bucket(value).unwrap_or_else(|| self.search(value.to_bits()))
    }

    /// The same, unless it has to be searched for: where bounds lie very close together, and above all of them.
    #[inline]
    pub(crate) fn usual_bucket(&self, value: f64) -> Option<usize> {
        let bits = value.to_bits();
        let cut = self.cells.get(cell_of(bits).saturating_sub(self.low)).filter(|cut| !cut.is_cut_finer)?;
        // Which of them are below, no processor could guess: a sum needs no guess.
        let below = |bound: usize| usize::from(cut.bounds[bound] < bits);
        Some(usize::from(cut.first) + below(0) + below(1) + below(2))
    }

    #[cold]
    fn search(&self, bits: u64) -> usize {
        self.upper.partition_point(|&bound| bound < bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECONDS: Octaves = Octaves { first: -30, last: 17 };

    fn check(classic: &[f64], scale: f64) {
        let layout = Layout::new(classic, None, SECONDS);
        let index = Index::new(&layout, scale);
        let edges = layout.upper().iter().map(|bound| bound * scale);
        let octaves = (-40..60).map(|power| 2_f64.powi(power) * scale);
        let values = edges.chain(octaves).flat_map(|edge| [edge.next_down(), edge, edge.next_up()]);
        for value in values.chain([0.0, f64::MAX, f64::INFINITY]).filter(|value| *value >= 0.0) {
            let searched = layout.upper().iter().position(|bound| value <= bound * scale);
            assert_eq!(index.bucket(value), searched.unwrap_or(layout.upper().len()), "{value}");
        }
    }

    #[test]
    fn the_index_finds_what_a_search_finds() {
        let steps = (-5..=1).flat_map(|power| [1.0, 2.5, 5.0].map(|step| step * 10_f64.powi(power)));
        let default: Vec<f64> = steps.collect();
        for scale in [1.0, 1e9, 2.596_123_4e9, 24e6] {
            check(&default, scale);
            check(&[], scale);
            check(&[0.0, 1.0], scale);
            check(&(1..=254).map(|step| 1.0 + f64::from(step) / 1e6).collect::<Vec<_>>(), scale);
            check(&[1e-12, 1e-9, 5e9, 1e12], scale);
        }
    }

    #[test]
    fn every_bucket_lies_within_one_of_either_kind() {
        let classic = [0.00005, 0.25, 1.0, 1.5, 30.0];
        let layout = Layout::new(&classic, Some(0.3), SECONDS);
        let mut lower = 0.0;
        for (bucket, &upper) in layout.upper().iter().enumerate() {
            let within = layout.classic(bucket);
            assert!(classic.get(within).is_none_or(|&bound| upper <= bound), "{upper}");
            assert!(within == 0 || classic[within - 1] <= lower, "{upper}");
            match layout.native(bucket) {
                Some(index) => {
                    assert!(upper <= native_bound(index) && lower >= native_bound(index - 1), "{upper}")
                }
                None => assert!(upper <= layout.zero_threshold()),
            }
            lower = upper;
        }
        assert_eq!(layout.classic(layout.upper().len()), classic.len());
        assert_eq!(layout.len(), layout.upper().len() + 1);
    }

    #[test]
    fn native_bounds_are_powers_of_the_eighth_root_of_two() {
        for index in -240..=136 {
            let power = 2_f64.powf(f64::from(index) / 8.0);
            assert!((native_bound(index) / power - 1.0).abs() < 1e-14, "{index}");
        }
        assert_eq!([-8, 0, 8, 80].map(native_bound), [0.5, 1.0, 2.0, 1024.0]);
    }
}
