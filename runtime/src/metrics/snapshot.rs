//! What the program can ask about its own functions.

use std::time::Duration;

use super::bounds;
use super::cells::Reader;
use super::function::Totals;
use super::layout::Layout;
use super::registry::{FunctionSeries, REGISTRY};
use crate::call_site::CallSite;
use crate::clock;
use crate::outcome::Outcome;
use crate::slo::ServiceLevel;

/// The calls of one annotated function since the program's start, or between two moments.
///
/// ```
/// use tachograph::{Outcome, functions, timed};
///
/// #[timed(component = "input")]
/// fn parse_number(text: &str) -> Result<u8, std::num::ParseIntError> {
///     text.parse()
/// }
///
/// let earlier = functions().into_iter().find(|stats| stats.function() == "parse_number").unwrap();
/// parse_number("17").unwrap();
/// parse_number("x").unwrap_err();
/// let now = functions().into_iter().find(|stats| stats.function() == "parse_number").unwrap();
/// assert_eq!(now.since(&earlier).calls(Outcome::Error), 1);
/// assert!(now.quantile(0.5).is_some());
/// ```
#[derive(Clone, Debug)]
pub struct FunctionStats {
    function: String,
    module: String,
    component: String,
    site: &'static CallSite,
    is_async: bool,
    totals: Totals,
}

/// The statistics of all annotated functions of the program, those never called among them, in the order of their
/// names. Functions of equal name, module and component, such as the instances of a generic one, are one.
///
/// A look at the cells of every thread: cheap enough for each second, too dear for each call.
pub fn functions() -> Vec<FunctionStats> {
    refine_clock();
    let reader = Reader::new();
    REGISTRY.all_functions().into_iter().map(|series| FunctionStats::read(&reader, series)).collect()
}

/// The longer the program runs, the better it knows how long a tick is.
pub(crate) fn refine_clock() {
    if clock::look_again() {
        bounds::measure_all_anew();
    }
}

impl FunctionStats {
    fn read(reader: &Reader, series: FunctionSeries) -> Self {
        Self {
            function: series.site.name(),
            module: series.site.module(),
            component: series.site.component(),
            site: series.site,
            is_async: series.is_async,
            totals: Totals::of(reader, series),
        }
    }

    /// The label `function`: the function's name, or what `name = "…"` says.
    pub fn function(&self) -> &str {
        &self.function
    }

    /// The path of the module that holds the function.
    pub fn module(&self) -> &str {
        &self.module
    }

    /// The label `component`.
    pub fn component(&self) -> &str {
        &self.component
    }

    /// The value of a label, such as one that `labels(kind = …)` gave the call; none where there is no such label.
    pub fn label(&self, name: &str) -> Option<String> {
        self.site.label(name)
    }

    /// The number of calls that ended so.
    pub fn calls(&self, outcome: Outcome) -> u64 {
        self.totals.of_outcome(outcome)
    }

    /// The number of calls, however they ended.
    pub fn count(&self) -> u64 {
        Outcome::ALL.into_iter().map(|outcome| self.calls(outcome)).sum()
    }

    /// The number of calls whose duration is known: all of them, or one in N where `sample = N` says so.
    pub fn timed(&self) -> u64 {
        self.totals.timed()
    }

    /// How the function's service level stands; none where `slo(…)` says nothing.
    pub fn slo(&self) -> Option<ServiceLevel> {
        self.totals.service_level()
    }

    /// The calls under way; none for a function without `in_flight`.
    pub fn in_flight(&self) -> Option<u64> {
        self.totals.in_flight
    }

    /// The sum of the durations of all timed calls. A call that ends during the look may be in the sum and not yet in
    /// the count.
    pub fn sum(&self) -> Duration {
        clock::duration(self.totals.elapsed_ticks)
    }

    /// The time that timed calls spent in polls; none for a function that is not async.
    pub fn busy(&self) -> Option<Duration> {
        self.is_async.then(|| clock::duration(self.totals.busy_ticks))
    }

    /// The duration that a share of the timed calls stayed within: 0.99 asks for the 99th percentile. None without a call,
    /// or where `q` is not a number from 0 to 1.
    ///
    /// At most 4.5 % off: the answer is the middle of the bucket that the true one lies in, and a bucket's upper bound
    /// is at most 9.05 % above its lower one (native histogram, schema 3). That holds from 1 ns to 36 h.
    pub fn quantile(&self, q: f64) -> Option<Duration> {
        quantile(&self.totals, q)
    }

    /// What came after an earlier look at the same function. The calls under way are those of now.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        Self { totals: self.totals.since(&earlier.totals), ..self.clone() }
    }
}

fn quantile(totals: &Totals, q: f64) -> Option<Duration> {
    let count = totals.timed();
    if count == 0 || !(0.0..=1.0).contains(&q) {
        return None;
    }
    let rank = q * count as f64;
    let mut below = 0;
    let (bucket, _) = totals.hits().find(|&(_, calls)| {
        below += calls;
        below as f64 >= rank
    })?;
    Some(middle(totals.bounds.layout(), bucket))
}

/// The middle of a bucket, as far from its lower bound as from its upper one by factor.
fn middle(layout: &Layout, bucket: usize) -> Duration {
    let bound = |bucket: usize| layout.upper().get(bucket).copied();
    let lower = bucket.checked_sub(1).and_then(bound).unwrap_or(0.0);
    Duration::from_secs_f64(bound(bucket).map_or(lower, |upper| (lower * upper).sqrt()))
}

#[cfg(test)]
mod tests {
    use super::super::record;
    use super::super::registry::REGISTRY;
    use super::*;
    use crate::call_site::CallSite;

    fn stats(site: &'static CallSite) -> FunctionStats {
        REGISTRY.register(site);
        let found = functions().into_iter().find(|stats| stats.function() == site.name());
        found.expect("a registered call site")
    }

    #[test]
    fn a_function_is_there_before_its_first_call() {
        static SITE: CallSite = CallSite::future("function=\"quiet\",module=\"a::b\",component=\"c\"", 1);
        let stats = stats(&SITE);
        assert_eq!((stats.module(), stats.component(), stats.count()), ("a::b", "c", 0));
        assert_eq!((stats.quantile(0.5), stats.busy()), (None, Some(Duration::ZERO)));
    }

    #[test]
    fn a_difference_counts_what_came_between() {
        static SITE: CallSite = CallSite::function("function=\"between\"", 1);
        record(&SITE, Outcome::Ok, 1_000, 0);
        let earlier = stats(&SITE);
        record(&SITE, Outcome::Cancelled, 2_000, 0);
        let between = stats(&SITE).since(&earlier);
        assert_eq!((between.calls(Outcome::Ok), between.calls(Outcome::Cancelled)), (0, 1));
        assert_eq!((between.sum(), between.busy()), (Duration::from_micros(2), None));
        assert_eq!(earlier.since(&stats(&SITE)).count(), 0, "never below nothing");
    }

    #[test]
    fn functions_are_sorted() {
        static B: CallSite = CallSite::function("function=\"sorted_b\"", 1);
        static A: CallSite = CallSite::function("function=\"sorted_a\"", 1);
        let _registered = [stats(&B), stats(&A)];
        let all = functions();
        let at = |name| all.iter().position(|stats| stats.function() == name);
        assert!(at("sorted_a") < at("sorted_b"));
    }

    #[test]
    fn a_quantile_is_at_most_so_far_off() {
        static SITE: CallSite = CallSite::function("function=\"quantiles\"", 1);
        // From 100 ns to 10 s, each a thousandth above the one before.
        let durations: Vec<u64> = std::iter::successors(Some(100.0), |nanos| Some(nanos * 1.001))
            .take(18_000)
            .map(|nanos| nanos as u64)
            .collect();
        durations.iter().for_each(|&nanos| record(&SITE, Outcome::Ok, nanos, 0));
        let stats = stats(&SITE);
        for q in [0.0, 0.01, 0.25, 0.5, 0.9, 0.99, 0.999, 1.0] {
            let rank = ((q * durations.len() as f64).ceil() as usize).max(1);
            let exact = durations[rank - 1] as f64;
            let found = stats.quantile(q).expect("there are calls").as_nanos() as f64;
            assert!((found / exact - 1.0).abs() <= 0.045, "{q}: {found} for {exact}");
        }
        assert_eq!([1.1, -0.1, f64::NAN].map(|q| stats.quantile(q)), [None; 3]);
    }

    #[test]
    fn quantiles_of_the_extremes_are_the_outermost_bounds() {
        static NONE: CallSite = CallSite::function("function=\"no_time\"", 1);
        record(&NONE, Outcome::Ok, 0, 0);
        assert_eq!(stats(&NONE).quantile(0.5), Some(Duration::ZERO));
        static DAYS: CallSite = CallSite::function("function=\"days\"", 1);
        record(&DAYS, Outcome::Ok, 1_000_000_000_000_000, 0);
        assert_eq!(stats(&DAYS).quantile(0.5), Some(Duration::from_secs(1 << 17)));
    }
}
