//! Histograms of the `metrics` facade: values in any unit, in the same cells as the durations of functions.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use metrics::{HistogramFn, Unit};
use parking_lot::Mutex;

use super::bounds::DEFAULT_NANOS;
use super::cells::{self, Cells, Place, Reader};
use super::exposition::{Buckets, Exposition, Kind};
use super::registry::Registry;
use crate::reentry::MAKING_ROOM;

const SUM: usize = 0;
const FIRST_BUCKET: usize = 1;

/// A histogram by its bounds and the number of its series. Its sum is the bits of an `f64`.
#[derive(Debug)]
pub(crate) struct Histogram {
    series: u32,
    upper: Arc<[f64]>,
}

impl HistogramFn for Histogram {
    fn record(&self, value: f64) {
        self.record_many(value, 1);
    }

    fn record_many(&self, value: f64, count: usize) {
        match cells::owned(self.series) {
            Some(cells) => self.add(cells, cells::add_owned, add_float_owned, value, count as u64),
            None => self.record_first(value, count as u64),
        }
    }
}

impl Histogram {
    #[cold]
    fn record_first(&self, value: f64, count: u64) {
        let touch = || cells::touch(self.series, FIRST_BUCKET + self.upper.len() + 1);
        match MAKING_ROOM.run(touch).flatten() {
            Some(Place::Owned(cells)) => self.add(cells, cells::add_owned, add_float_owned, value, count),
            Some(Place::Shared(cells)) => self.add(cells, cells::add_shared, add_float_shared, value, count),
            None => {}
        }
    }

    /// A value that is not finite counts in its bucket, NaN in the last; it would spoil the sum for ever, and stays
    /// out of it.
    fn add(
        &self,
        cells: &Cells,
        add: impl Fn(&AtomicU64, u64),
        add_float: impl Fn(&AtomicU64, f64),
        value: f64,
        count: u64,
    ) {
        let within = |upper: &f64| value <= *upper;
        let bucket = self.upper.iter().position(within).unwrap_or(self.upper.len());
        if let Some(cell) = cells.get(FIRST_BUCKET + bucket) {
            add(cell, count);
        }
        if let Some(sum) = cells.get(SUM).filter(|_| value.is_finite()) {
            add_float(sum, value * count as f64);
        }
    }
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
    buckets: Option<Arc<Buckets>>,
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

    /// The histogram of these labels; none where there is no room for one more series.
    pub(crate) fn get(&self, registry: &Registry, name: String, labels: String) -> Option<Histogram> {
        let mut families = self.0.lock();
        let family = families.entry(name).or_default();
        let series = match family.series.get(&labels) {
            Some(&series) => series,
            None => {
                let series = registry.number()?;
                family.series.insert(labels, series);
                series
            }
        };
        let unit = family.unit;
        let buckets = family.buckets.get_or_insert_with(|| Arc::new(Buckets::new(upper_bounds(unit))));
        Some(Histogram { series, upper: Arc::clone(buckets.upper()) })
    }

    pub(crate) fn expose(&self, reader: &Reader, page: &mut Exposition) {
        for (name, family) in &*self.0.lock() {
            let Some(buckets) = family.buckets.as_deref().filter(|_| !family.series.is_empty()) else {
                continue;
            };
            let mut exposed = page.family(name, Kind::Histogram, &family.help);
            for (labels, &series) in &family.series {
                let (counts, sum) = totals(reader, series, buckets.upper().len() + 1);
                exposed.histogram(labels, buckets.le(), &counts, sum);
            }
        }
    }
}

fn totals(reader: &Reader, series: u32, buckets: usize) -> (Vec<u64>, f64) {
    let (mut counts, mut sum) = (vec![0; buckets], 0.0);
    for cells in reader.cells(series) {
        let Some((first, rest)) = cells.split_first() else { continue };
        sum += f64::from_bits(first.load(Ordering::Relaxed));
        for (count, cell) in counts.iter_mut().zip(rest) {
            *count += cell.load(Ordering::Relaxed);
        }
    }
    (counts, sum)
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
        Histogram { series: REGISTRY.number().expect("room for a series"), upper: upper.into() }
    }

    fn check(upper: &[f64], values: &[f64], counts: &[u64], sum: f64) {
        let histogram = histogram(upper);
        values.iter().for_each(|&value| histogram.record(value));
        let (counted, summed) = totals(&Reader::new(), histogram.series, upper.len() + 1);
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
        assert_eq!(totals(&Reader::new(), histogram.series, 2), (vec![8, 0], 2.0));
    }

    #[test]
    fn no_value_is_lost_between_threads() {
        let histogram = histogram(&[10.0, 100.0]);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..50_000).for_each(|value| histogram.record(f64::from(value % 200))));
            }
        });
        let (counts, sum) = totals(&Reader::new(), histogram.series, 3);
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
