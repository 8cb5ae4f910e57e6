//! The annotated functions on the page.

use std::ops::Range;

use parking_lot::{Mutex, MutexGuard};

use super::bounds::Bounds;
use super::buckets::Buckets;
use super::cells::Reader;
use super::exemplars::exemplars;
use super::exposition::{Distribution, Family, Large, Native};
use super::function::Totals;
use super::registry::{FunctionSeries, REGISTRY};
use super::service_levels::ServiceLevels;
use super::snapshot::refine_clock;
use super::sum::Sum;
use crate::names::{
    FUNCTION_BUSY, FUNCTION_CALLS, FUNCTION_DURATION, FUNCTION_IN_FLIGHT, SLO_EVENTS, SLO_LATENCY,
    SLO_OBJECTIVE,
};
use crate::outcome::Outcome;

/// What it read last is kept for its room alone.
#[derive(Default)]
pub(super) struct Functions(Mutex<Look>);

/// One look at the cells of all functions: what the families of a page say of a function is of one moment.
#[derive(Default)]
pub(super) struct Look {
    rows: Vec<Row>,
    classic: Vec<u64>,
    native: Vec<(i32, u64)>,
    // Of the function that is being read.
    totals: Totals,
    native_of_one: Vec<(i32, u64)>,
    /// Durations and busy times so far, by the number of the series.
    sums: Vec<(Sum, Sum)>,
    /// The bounds of the page so far, with their labels.
    buckets: Vec<(&'static Bounds, Buckets)>,
    service_levels: ServiceLevels,
}

/// What was read of one function.
struct Row {
    series: FunctionSeries,
    calls: [u64; Outcome::ALL.len()],
    /// Of durations and of busy times, in seconds.
    elapsed: f64,
    busy: f64,
    in_flight: Option<u64>,
    zero_count: u64,
    /// Where its buckets are in the look.
    classic: Range<usize>,
    native: Range<usize>,
}

impl Functions {
    /// Looks at all functions.
    pub(super) fn look(&self, with_native: bool) -> MutexGuard<'_, Look> {
        refine_clock();
        let mut look = self.0.lock();
        look.read(with_native);
        look
    }
}

/// What a page says of the functions, by name.
pub(super) const FAMILIES: [Large<Look>; 7] = [
    Large { metric: FUNCTION_BUSY, write: Look::expose_busy },
    Large { metric: FUNCTION_CALLS, write: Look::expose_calls },
    Large { metric: FUNCTION_DURATION, write: Look::expose_durations },
    Large { metric: FUNCTION_IN_FLIGHT, write: Look::expose_in_flight },
    Large { metric: SLO_EVENTS, write: |look, family| look.service_levels.expose_events(family) },
    Large { metric: SLO_LATENCY, write: |look, family| look.service_levels.expose_latencies(family) },
    Large { metric: SLO_OBJECTIVE, write: |look, family| look.service_levels.expose_objectives(family) },
];

impl Look {
    fn read(&mut self, with_native: bool) {
        let Self { rows, classic, native, totals, native_of_one, sums, buckets, service_levels } = self;
        rows.clear();
        classic.clear();
        native.clear();
        service_levels.begin();
        let reader = Reader::new();
        for series in REGISTRY.all_functions() {
            totals.read(&reader, series);
            service_levels.read(series, totals);
            let start = classic.len();
            totals.classic(classic);
            let at = series.number as usize;
            sums.resize(sums.len().max(at + 1), Default::default());
            let (elapsed, busy) = &mut sums[at];
            let zero_count = if with_native { totals.native(native_of_one) } else { 0 };
            rows.push(Row {
                series,
                calls: Outcome::ALL.map(|outcome| totals.of_outcome(outcome)),
                elapsed: elapsed.advance(totals.elapsed_ticks),
                busy: busy.advance(totals.busy_ticks),
                in_flight: totals.in_flight,
                zero_count,
                classic: start..classic.len(),
                native: appended(native, if with_native { native_of_one } else { &[] }),
            });
            if !buckets.iter().any(|(known, _)| std::ptr::eq(*known, series.bounds)) {
                buckets.push((series.bounds, Buckets::of_nanos(series.bounds.nanos())));
            }
        }
        service_levels.end();
    }

    fn expose_durations(&self, family: &mut Family<'_>) {
        let exemplars = family.takes_exemplars().then(exemplars);
        let kept = exemplars.as_ref().and_then(|kept| kept.as_ref());
        for row in &self.rows {
            let bounds = row.series.bounds;
            let Some((_, buckets)) = self.buckets.iter().find(|(known, _)| std::ptr::eq(*known, bounds))
            else {
                continue;
            };
            let labels = row.series.site.labels();
            let native = family.takes_native_buckets().then(|| Native {
                zero_threshold: bounds.layout().zero_threshold(),
                zero_count: row.zero_count,
                buckets: &self.native[row.native.clone()],
            });
            let distribution = Distribution {
                counts: &self.classic[row.classic.clone()],
                sum: row.elapsed,
                native,
                exemplars: kept.map_or(&[], |kept| kept.of(labels)),
            };
            family.histogram(labels, buckets, &distribution);
        }
    }

    fn expose_calls(&self, family: &mut Family<'_>) {
        for row in &self.rows {
            let by_outcome = Outcome::ALL.map(|outcome| (outcome.as_str(), row.calls[outcome as usize]));
            family.samples_by(row.series.site.labels(), "outcome", by_outcome);
        }
    }

    fn expose_busy(&self, family: &mut Family<'_>) {
        for row in self.rows.iter().filter(|row| row.series.is_async) {
            family.sample_of(row.series.site.labels(), row.busy);
        }
    }

    fn expose_in_flight(&self, family: &mut Family<'_>) {
        let counted = |row: &Row| Some((row.series.site.labels(), row.in_flight?));
        self.rows.iter().filter_map(counted).for_each(|(labels, calls)| family.sample_of(labels, calls));
    }
}

/// Appends, and says where that is.
fn appended<T: Copy>(to: &mut Vec<T>, what: &[T]) -> Range<usize> {
    let start = to.len();
    to.extend_from_slice(what);
    start..to.len()
}
