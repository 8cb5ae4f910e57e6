//! What the program can ask about its own functions.

use std::time::Duration;

use super::cells::Reader;
use super::function::Totals;
use super::registry::{FunctionSeries, REGISTRY};
use crate::call_site::CallSite;
use crate::clock;
use crate::outcome::Outcome;

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
    let reader = Reader::new();
    REGISTRY.all_functions().into_iter().map(|series| FunctionStats::read(&reader, series)).collect()
}

impl FunctionStats {
    fn read(reader: &Reader, series: FunctionSeries) -> Self {
        Self {
            function: series.site.name(),
            module: series.site.module(),
            component: series.site.component(),
            site: series.site,
            is_async: series.is_async,
            totals: Totals::read(reader, series),
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
        self.totals.by_bucket().iter().sum()
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
    /// As exact as the buckets are: the answer lies in the bucket that the true one lies in, placed as if the calls
    /// were spread evenly over it, as Prometheus' `histogram_quantile` does. Default bounds are a
    /// factor of 2 to 3 apart. What lies above the last bound is given as that bound, 30 s by default.
    pub fn quantile(&self, q: f64) -> Option<Duration> {
        quantile(&self.totals.by_bucket(), self.totals.bounds.upper(), q)
    }

    /// What came after an earlier look at the same function. The calls under way are those of now.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        Self { totals: self.totals.since(&earlier.totals), ..self.clone() }
    }
}

fn quantile(calls: &[u64], bounds: &[u64], q: f64) -> Option<Duration> {
    let count: u64 = calls.iter().sum();
    if count == 0 || !(0.0..=1.0).contains(&q) {
        return None;
    }
    let rank = q * count as f64;
    let (mut below, mut lower) = (0.0, 0);
    for (&calls, &upper) in calls.iter().zip(bounds) {
        let calls = calls as f64;
        if calls > 0.0 && below + calls >= rank {
            let share = ((rank - below) / calls).clamp(0.0, 1.0);
            return Some(Duration::from_nanos(lower + ((upper - lower) as f64 * share) as u64));
        }
        (below, lower) = (below + calls, upper);
    }
    Some(Duration::from_nanos(lower))
}

#[cfg(test)]
mod tests {
    use super::super::bounds::DEFAULT;
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
    fn a_quantile_lies_within_its_bucket() {
        let mut calls = vec![0; DEFAULT.buckets()];
        calls[4] = 90; // 0.5 ms to 1 ms
        calls[7] = 10; // 5 ms to 10 ms
        let micros = |q| quantile(&calls, DEFAULT.upper(), q).map(|duration| duration.as_micros());
        assert_eq!(micros(0.0), Some(500));
        assert_eq!(micros(0.45), Some(750));
        assert_eq!(micros(0.9), Some(1_000));
        assert_eq!(micros(0.95), Some(7_500));
        assert_eq!(micros(1.0), Some(10_000));
        assert_eq!([1.1, -0.1, f64::NAN].map(micros), [None; 3]);
    }

    #[test]
    fn a_quantile_above_the_last_bound_is_that_bound() {
        let mut calls = vec![0; DEFAULT.buckets()];
        calls[DEFAULT.upper().len()] = 1;
        assert_eq!(quantile(&calls, DEFAULT.upper(), 0.5), Some(Duration::from_secs(30)));
    }
}
