//! Numbers for series, and the annotated functions that have one.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use super::bounds::{Bounds, DEFAULT};
use super::cells::CAPACITY;
use crate::call_site::{CallSite, call_sites};
use crate::reentry::MAKING_ROOM;
use crate::slo::Slo;

/// The number of series a program can have, annotated functions and the series of the `metrics` facade together.
pub(crate) const MAX_SERIES: u32 = 100_000;

// A slab has room for all of them, and for the number 0, which stands for a call site that is not registered.
const _: () = assert!((MAX_SERIES as usize) < CAPACITY);

/// What a call site has for a number when there was none left; beyond the capacity of any slab.
const REFUSED: u32 = u32::MAX;

pub(crate) static REGISTRY: Registry = Registry::new(MAX_SERIES);

/// A series of an annotated function. Call sites with equal labels share one: instances of a generic function,
/// functions of one name in one module.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FunctionSeries {
    pub(crate) number: u32,
    /// The call site that joined last; it knows the others.
    pub(crate) site: &'static CallSite,
    pub(crate) bounds: &'static Bounds,
    /// Whether any of its call sites is a future's.
    pub(crate) is_async: bool,
    /// Whether any of its call sites counts the calls under way.
    pub(crate) has_gauge: bool,
    /// What is promised of all of its calls.
    pub(crate) slo: Option<&'static Slo>,
}

/// Gives numbers to series, up to a limit, and counts those that it refused.
#[derive(Debug)]
pub(crate) struct Registry {
    limit: u32,
    admitted: AtomicU32,
    last_number: AtomicU32,
    refused: AtomicU64,
    functions: Mutex<BTreeMap<&'static str, FunctionSeries>>,
}

impl Registry {
    pub(super) const fn new(limit: u32) -> Self {
        Self {
            limit,
            admitted: AtomicU32::new(0),
            last_number: AtomicU32::new(0),
            refused: AtomicU64::new(0),
            functions: Mutex::new(BTreeMap::new()),
        }
    }

    /// Room for one series more, if there is any; counts a refusal.
    pub(crate) fn admit(&self) -> bool {
        let one_more = |admitted| (admitted < self.limit).then_some(admitted + 1);
        let admitted = self.admitted.try_update(Ordering::Relaxed, Ordering::Relaxed, one_more).is_ok();
        if !admitted {
            self.refuse();
        }
        admitted
    }

    /// The number of one series more that has cells, from 1 on.
    pub(crate) fn number(&self) -> Option<u32> {
        // The limit on what is admitted keeps this below it as well.
        self.admit().then(|| self.last_number.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// Counts a series that is not kept, for whatever reason.
    pub(crate) fn refuse(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    /// How often a series was not kept.
    #[cfg(any(feature = "telemetry", test))]
    pub(crate) fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// Gives a call site the number of its labels. It allocates and takes a lock: only within [`MAKING_ROOM`].
    /// Whether there is room for it.
    #[cold]
    pub(crate) fn register(&self, site: &'static CallSite) -> bool {
        let mut functions = self.functions();
        if let Some((number, _)) = site.joined() {
            return number != REFUSED;
        }
        if site.is_labelled() {
            // It has no series, and whoever calls it all the same counts that.
            site.join(REFUSED, &DEFAULT, None);
            return false;
        }
        match functions.entry(site.labels()) {
            Entry::Occupied(mut known) => {
                let series = known.get_mut();
                site.join(series.number, series.bounds, Some(series.site));
                series.site = site;
                series.is_async |= site.is_async();
                series.has_gauge |= site.has_gauge();
            }
            Entry::Vacant(place) => match self.number() {
                Some(number) => {
                    let slo = slo_of(site);
                    let buckets = site.own_buckets().unwrap_or(DEFAULT.nanos());
                    let bounds = Bounds::of(buckets, slo.and_then(|slo| slo.latency));
                    bounds.prepare();
                    let (is_async, has_gauge) = (site.is_async(), site.has_gauge());
                    place.insert(FunctionSeries { number, site, bounds, is_async, has_gauge, slo });
                    site.join(number, bounds, None);
                }
                None => {
                    site.join(REFUSED, &DEFAULT, None);
                    return false;
                }
            },
        }
        true
    }

    /// Every call site that has a series by now.
    #[cfg(feature = "telemetry")]
    pub(crate) fn sites(&self) -> Vec<&'static CallSite> {
        let sites = || self.functions().values().flat_map(|series| series.site.and_older()).collect();
        MAKING_ROOM.run(sites).unwrap_or_default()
    }

    /// The series of all call sites, called or not, in the order of their labels.
    pub(crate) fn all_functions(&self) -> Vec<FunctionSeries> {
        let all = MAKING_ROOM.run(|| {
            for site in call_sites().iter().filter(|site| site.joined().is_none()) {
                self.register(site);
            }
            let asked = |series: &FunctionSeries| FunctionSeries {
                is_async: series.is_async || series.site.is_async(),
                ..*series
            };
            self.functions().values().map(asked).collect()
        });
        // Nobody asks while this thread makes room: that runs no code but the allocator's.
        all.unwrap_or_default()
    }

    fn functions(&self) -> MutexGuard<'_, BTreeMap<&'static str, FunctionSeries>> {
        self.functions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The call sites that promise something, and may do so for others with the same labels.
pub(crate) fn promising() -> &'static [&'static CallSite] {
    static PROMISING: OnceLock<Vec<&'static CallSite>> = OnceLock::new();
    PROMISING.get_or_init(|| call_sites().iter().filter(|site| site.own_slo().is_some()).collect())
}

/// What is promised of the calls of all sites with these labels, whichever of them comes first: the strictest.
fn slo_of(site: &'static CallSite) -> Option<&'static Slo> {
    let alike = promising().iter().filter(|other| !other.is_labelled() && other.labels() == site.labels());
    alike.filter_map(|other| other.own_slo()).chain(site.own_slo()).reduce(Slo::stricter)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(site: &'static CallSite) -> Option<u32> {
        site.joined().map(|(number, _)| number)
    }

    #[test]
    fn call_sites_with_equal_labels_share_a_series() {
        static ONE: CallSite = CallSite::function("function=\"twin\"", 1);
        static TWO: CallSite = CallSite::future("function=\"twin\"", 2);
        static OTHER: CallSite = CallSite::function("function=\"other\"", 3);
        let registry = Registry::new(10);
        assert!([&ONE, &TWO, &OTHER].into_iter().all(|site| registry.register(site)));
        assert_eq!([&ONE, &TWO, &OTHER].map(number), [Some(1), Some(1), Some(2)]);
        let functions = registry.functions();
        assert_eq!(functions.len(), 2);
        assert!(functions[ONE.labels()].is_async, "one of the two is a future's");
    }

    #[test]
    fn series_beyond_the_limit_are_refused_and_counted() {
        static KEPT: CallSite = CallSite::function("function=\"kept\"", 1);
        static LEFT_OUT: CallSite = CallSite::function("function=\"left out\"", 2);
        let registry = Registry::new(2);
        assert!(registry.admit());
        assert!(registry.register(&KEPT) && !registry.register(&LEFT_OUT));
        assert!(!registry.admit());
        assert_eq!([&KEPT, &LEFT_OUT].map(number), [Some(1), Some(REFUSED)]);
        assert_eq!(registry.refused.load(Ordering::Relaxed), 2);
    }
}
