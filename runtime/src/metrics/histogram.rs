//! Histograms of the `metrics` facade: values in any unit, in the same cells as the durations of functions.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use metrics::{HistogramFn, Unit};
use parking_lot::Mutex;

use super::block::MAX_BUCKETS;
use super::bounds::DEFAULT_NANOS;
use super::buckets::Buckets;
use super::cells::{self, Reader, add_owned, add_shared};
use super::exposition::{Distribution, Exposition, Kind, Native};
use super::layout::{Index, Layout, Octaves};
use crate::reentry::MAKING_ROOM;

/// A quarter of a thousand-millionth to a thousand million million: whatever the unit.
const OCTAVES: Octaves = Octaves { first: -32, last: 50 };

// No unit has more bounds than these.
const _: () = assert!(OCTAVES.buckets(32) <= MAX_BUCKETS);

/// A histogram by the number of its series and its buckets. Its sum is the bits of an `f64`.
#[derive(Debug)]
pub(crate) struct Histogram {
    series: u32,
    buckets: Arc<Cut>,
}

/// How a family of histograms is cut into buckets.
#[derive(Debug)]
struct Cut {
    classic: Buckets,
    layout: Layout,
    index: Index,
}

impl Cut {
    fn new(upper: Vec<f64>) -> Self {
        let layout = Layout::new(&upper, None, OCTAVES);
        Self { index: Index::new(&layout, 1.0), layout, classic: Buckets::new(upper) }
    }
}

/// Where a block counts the values that no native bucket holds.
const OUT_OF_RANGE: usize = 0;

impl HistogramFn for Histogram {
    #[inline]
    fn record(&self, value: f64) {
        // All else is left to another function as the last thing: so this one needs no stack.
        if let Some(block) = cells::owned(self.series)
            && is_in_range(value)
            && let Some(bucket) = self.buckets.index.usual_bucket(value)
            && let Some(counter) = block.usual_counter(0, bucket)
        {
            add_float_owned(&block.sum, value);
            add_owned(counter, 1);
        } else {
            self.record_unusual(value);
        }
    }

    fn record_many(&self, value: f64, count: usize) {
        self.record_special(value + 0.0, count as u64);
    }
}

impl Histogram {
    #[inline(never)]
    fn record_unusual(&self, value: f64) {
        // Nought has no sign then.
        let value = value + 0.0;
        if is_in_range(value)
            && let Some(block) = cells::owned(self.series)
            && let Some(counter) = block.counter(0, self.buckets.index.bucket(value))
        {
            add_float_owned(&block.sum, value);
            add_owned(counter, 1);
        } else {
            self.record_special(value, 1);
        }
    }

    /// A value that is not finite counts in its bucket, NaN in the last; it would spoil the sum for ever, and stays
    /// out of it.
    #[inline(never)]
    fn record_special(&self, value: f64, count: u64) {
        let bucket = match value {
            negative if negative < 0.0 => 0,
            nan if nan.is_nan() => self.buckets.layout.len() - 1,
            value => self.buckets.index.bucket(value),
        };
        let made = || {
            let place = cells::touch(self.series)?;
            Some((place, place.counter(0, bucket)))
        };
        let Some((place, counter)) = MAKING_ROOM.run(made).flatten() else { return };
        let (add, add_float): (fn(&_, _), fn(&_, _)) =
            if place.is_shared() { (add_shared, add_float_shared) } else { (add_owned, add_float_owned) };
        if value.is_finite() {
            add_float(&place.block.sum, value * count as f64);
        }
        if !is_in_range(value) {
            add(&place.block.untimed[OUT_OF_RANGE], count);
        }
        add(counter, count);
    }
}

/// Whether a value is finite and neither below nought nor the nought with a sign.
#[inline]
const fn is_in_range(value: f64) -> bool {
    value.to_bits() < f64::INFINITY.to_bits()
}

fn add_float_owned(cell: &AtomicU64, amount: f64) {
    let sum = f64::from_bits(cell.load(Ordering::Relaxed)) + amount;
    cell.store(sum.to_bits(), Ordering::Relaxed);
}

fn add_float_shared(cell: &AtomicU64, amount: f64) {
    let more = |bits| (f64::from_bits(bits) + amount).to_bits();
    cell.update(Ordering::Relaxed, Ordering::Relaxed, more);
}

/// All histograms of the facade by name and labels, both as they stand on the page.
#[derive(Debug, Default)]
pub(crate) struct Histograms(Mutex<BTreeMap<String, Family>>);

/// The histograms of one name.
#[derive(Debug, Default)]
struct Family {
    help: String,
    unit: Option<Unit>,
    /// Settled by the first series: all of a family have the same bounds.
    buckets: Option<Arc<Cut>>,
    series: BTreeMap<String, u32>,
}

impl Histograms {
    /// What a histogram means; the unit chooses the bounds of those that are not there yet. The first word counts.
    pub(crate) fn describe(&self, name: String, unit: Option<Unit>, help: String) {
        let mut families = self.0.lock();
        let family = families.entry(name).or_default();
        if family.help.is_empty() {
            (family.help, family.unit) = (help, unit);
        }
    }

    /// The histogram of these labels; `room` numbers one series more, or none where there is no room.
    pub(crate) fn get(
        &self,
        room: &dyn Fn() -> Option<u32>,
        name: String,
        labels: String,
    ) -> Option<Histogram> {
        let mut families = self.0.lock();
        let family = families.entry(name).or_default();
        let series = match family.series.get(&labels) {
            Some(&series) => series,
            None => {
                let series = room()?;
                family.series.insert(labels, series);
                series
            }
        };
        let unit = family.unit;
        let buckets = family.buckets.get_or_insert_with(|| Arc::new(Cut::new(upper_bounds(unit))));
        Some(Histogram { series, buckets: Arc::clone(buckets) })
    }

    pub(crate) fn expose(&self, reader: &Reader, page: &mut Exposition) {
        let with_native = page.takes_native_buckets();
        let mut look = Look::default();
        for (name, family) in &*self.0.lock() {
            let Some(cut) = family.buckets.as_deref().filter(|_| !family.series.is_empty()) else {
                continue;
            };
            let mut exposed = page.family(name, Kind::Histogram, &family.help);
            for (labels, &series) in &family.series {
                look.read(reader, series, cut);
                if with_native {
                    look.sort_natively(cut);
                }
                let native = with_native.then(|| look.native(cut)).flatten();
                let distribution =
                    Distribution { counts: &look.classic, sum: look.sum, native, exemplars: &[] };
                exposed.histogram(labels, &cut.classic, &distribution);
            }
        }
    }
}

/// What one look at the cells of all threads shows of a series, in room for one after another.
#[derive(Debug, Default)]
struct Look {
    sum: f64,
    out_of_range: u64,
    classic: Vec<u64>,
    /// By bucket of the layout, as each thread has them.
    of_threads: Vec<(usize, u64)>,
    of_block: Vec<(usize, usize, u64)>,
    zero_count: u64,
    native: Vec<(i32, u64)>,
}

impl Look {
    fn read(&mut self, reader: &Reader, series: u32, cut: &Cut) {
        self.classic.clear();
        self.classic.resize(cut.classic.upper().len() + 1, 0);
        self.of_threads.clear();
        (self.sum, self.out_of_range) = (0.0, 0);
        for block in reader.blocks(series) {
            self.sum += f64::from_bits(block.sum.load(Ordering::Relaxed));
            self.out_of_range += block.untimed[OUT_OF_RANGE].load(Ordering::Relaxed);
            block.read(&mut self.of_block);
            for &(_, bucket, count) in self.of_block.iter().filter(|(.., count)| *count != 0) {
                self.classic[cut.layout.classic(bucket)] += count;
                self.of_threads.push((bucket, count));
            }
        }
    }

    /// Puts the counts into native buckets.
    fn sort_natively(&mut self, cut: &Cut) {
        self.of_threads.sort_unstable();
        self.native.clear();
        self.zero_count = 0;
        for &(bucket, count) in &self.of_threads {
            match (cut.layout.native(bucket), self.native.last_mut()) {
                (None, _) => self.zero_count += count,
                (Some(index), Some((last, sum))) if *last == index => *sum += count,
                (Some(index), _) => self.native.push((index, count)),
            }
        }
    }

    /// The native buckets; none where they would not tell the truth of a value below nought, or of none at all.
    fn native(&self, cut: &Cut) -> Option<Native<'_>> {
        let zero_threshold = cut.layout.zero_threshold();
        let native = Native { zero_threshold, zero_count: self.zero_count, buckets: &self.native };
        (self.out_of_range == 0).then_some(native)
    }
}

/// The largest of the bounds for values of a unit.
pub(crate) fn largest_bound(unit: Option<Unit>) -> Option<f64> {
    upper_bounds(unit).pop()
}

/// The bounds for values of a unit. A duration has those of the annotated functions; without a unit it is in seconds,
/// as the facade's values of type `Duration` are.
fn upper_bounds(unit: Option<Unit>) -> Vec<f64> {
    let durations = |nanos_in_unit: f64| DEFAULT_NANOS.map(|nanos| nanos as f64 / nanos_in_unit).to_vec();
    match unit {
        None | Some(Unit::Seconds) => durations(1e9),
        Some(Unit::Milliseconds) => durations(1e6),
        Some(Unit::Microseconds) => durations(1e3),
        Some(Unit::Nanoseconds) => durations(1.0),
        // Some say 0.5 for a half, and some 50.
        Some(Unit::Percent) => [
            0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1.0, 5.0, 10.0, 25.0, 50.0, 75.0, 90.0, 95.0,
            99.0, 100.0,
        ]
        .to_vec(),
        // 64 B to 4 GiB.
        Some(Unit::Bytes) => (3..=16).map(|power| 4_f64.powi(power)).collect(),
        Some(_) => (0..=6).flat_map(|power| [1.0, 2.0, 5.0].map(|step| step * 10_f64.powi(power))).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::registry::REGISTRY;
    use super::*;

    fn histogram(upper: &[f64]) -> Histogram {
        let buckets = Arc::new(Cut::new(upper.to_vec()));
        Histogram { series: REGISTRY.number().expect("room for a series"), buckets }
    }

    fn totals(reader: &Reader, series: u32, cut: &Cut) -> (Vec<u64>, f64) {
        let mut look = Look::default();
        look.read(reader, series, cut);
        (look.classic, look.sum)
    }

    fn check(upper: &[f64], values: &[f64], counts: &[u64], sum: f64) {
        let histogram = histogram(upper);
        values.iter().for_each(|&value| histogram.record(value));
        let (counted, summed) = totals(&Reader::new(), histogram.series, &histogram.buckets);
        assert_eq!((counted.as_slice(), summed), (counts, sum));
    }

    #[test]
    fn bounds_are_inclusive() {
        check(&[1.0, 2.0], &[1.0, 1.0_f64.next_up(), 2.0, 2.5], &[1, 2, 1], 1.0 + 1.0_f64.next_up() + 4.5);
    }

    #[test]
    fn values_that_are_not_finite_leave_the_sum_alone() {
        check(&[1.0], &[f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.5], &[2, 2], 0.5);
    }

    #[test]
    fn many_are_recorded_as_one() {
        let histogram = histogram(&[1.0]);
        histogram.record_many(0.25, 8);
        assert_eq!(totals(&Reader::new(), histogram.series, &histogram.buckets), (vec![8, 0], 2.0));
    }

    #[test]
    fn native_buckets_hold_what_the_classic_ones_hold() {
        let histogram = histogram(&[0.3, 1.0]);
        [0.0, 0.28, 0.3, 0.31, 1.0, 1.0, 1e300].into_iter().for_each(|value| histogram.record(value));
        let mut look = Look::default();
        look.read(&Reader::new(), histogram.series, &histogram.buckets);
        look.sort_natively(&histogram.buckets);
        let native = look.native(&histogram.buckets).expect("all are in range");
        let top = 50 * 8 + 1;
        assert_eq!((native.zero_count, native.buckets), (1, &[(-14, 1), (-13, 2), (0, 2), (top, 1)][..]));
        histogram.record(-1.0);
        look.read(&Reader::new(), histogram.series, &histogram.buckets);
        assert!(look.native(&histogram.buckets).is_none());
    }

    #[test]
    fn no_value_is_lost_between_threads() {
        let histogram = histogram(&[10.0, 100.0]);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..50_000).for_each(|value| histogram.record(f64::from(value % 200))));
            }
        });
        let (counts, sum) = totals(&Reader::new(), histogram.series, &histogram.buckets);
        assert_eq!(counts, [11_000, 90_000, 99_000]);
        assert_eq!(sum, 4.0 * 250.0 * 19_900.0);
    }

    #[test]
    fn bounds_of_every_unit_rise() {
        let units =
            [Unit::Seconds, Unit::Milliseconds, Unit::Nanoseconds, Unit::Percent, Unit::Bytes, Unit::Count];
        for unit in units.map(Some).into_iter().chain([None]) {
            let bounds = upper_bounds(unit);
            assert!(bounds.is_sorted_by(|a, b| a < b), "{unit:?}: {bounds:?}");
        }
        assert_eq!(upper_bounds(Some(Unit::Milliseconds))[..2], [0.05, 0.1]);
    }
}
