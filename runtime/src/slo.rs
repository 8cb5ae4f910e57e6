//! What a function promises: how many of its calls are to end well, and within which time.

use std::time::Duration;

use crate::outcome::Outcome;

/// What `slo(…)` says of a function.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slo {
    /// The label `slo`.
    pub name: &'static str,
    /// The share of events that are to be good.
    pub objective: f64,
    /// The longest that a good call takes, in nanoseconds; none where only the outcome counts.
    pub latency: Option<u64>,
}

impl Slo {
    /// Of two that were said of one series the one that more calls break.
    pub(crate) fn stricter(&'static self, other: &'static Self) -> &'static Self {
        let nanos = |slo: &Self| slo.latency.unwrap_or(u64::MAX);
        match self.objective.total_cmp(&other.objective) {
            std::cmp::Ordering::Less => other,
            std::cmp::Ordering::Equal if nanos(other) < nanos(self) => other,
            _ => self,
        }
    }
}

/// How a service level stands: what was promised, and how many calls kept it since the program's start, or between two moments.
///
/// ```
/// use tachograph::{functions, timed};
///
/// #[timed(slo(name = "payments", latency = "250ms", objective = 99.9))]
/// fn settle(cents: u32) -> Result<u32, String> {
///     cents.checked_sub(1).ok_or_else(|| "nothing to pay".to_owned())
/// }
///
/// settle(3).unwrap();
/// settle(0).unwrap_err();
/// let stats = functions().into_iter().find(|stats| stats.function() == "settle").unwrap();
/// let slo = stats.slo().unwrap();
/// assert_eq!((slo.name(), slo.objective(), slo.good(), slo.bad()), ("payments", 0.999, 1, 1));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ServiceLevel {
    slo: &'static Slo,
    good: u64,
    bad: u64,
}

impl ServiceLevel {
    /// A call is good where it ended well in time, bad where it failed or came late. One that was given up before its time was over
    /// is neither: nobody knows how it would have ended.
    pub(crate) fn new(
        slo: &'static Slo,
        calls: impl Fn(Outcome) -> u64,
        late: impl Fn(Outcome) -> u64,
    ) -> Self {
        let good = calls(Outcome::Ok) - late(Outcome::Ok);
        let failed = calls(Outcome::Error) + calls(Outcome::Panic);
        Self { slo, good, bad: failed + late(Outcome::Ok) + late(Outcome::Cancelled) }
    }

    /// The label `slo`: the function's name, or what `slo(name = "…")` says.
    pub fn name(&self) -> &'static str {
        self.slo.name
    }

    /// The share of events that are to be good: 0.999 where the attribute says `objective = 99.9`.
    pub fn objective(&self) -> f64 {
        self.slo.objective
    }

    /// The longest that a good call takes; none where only the outcome counts.
    pub fn latency(&self) -> Option<Duration> {
        self.slo.latency.map(Duration::from_nanos)
    }

    /// The calls that ended well in time.
    pub fn good(&self) -> u64 {
        self.good
    }

    /// The calls that failed, or that took longer.
    pub fn bad(&self) -> u64 {
        self.bad
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stricter_one_is_broken_by_more_calls() {
        const fn slo(objective: f64, latency: Option<u64>) -> Slo {
            Slo { name: "any", objective, latency }
        }
        static STRICT: Slo = slo(0.999, Some(1));
        static SLOWER: Slo = slo(0.999, Some(2));
        static UNTIMED: Slo = slo(0.999, None);
        static LOWER: Slo = slo(0.9, Some(1));
        for other in [&SLOWER, &UNTIMED, &LOWER] {
            assert!(std::ptr::eq(STRICT.stricter(other), &STRICT), "{other:?}");
            assert!(std::ptr::eq(other.stricter(&STRICT), &STRICT), "{other:?}");
        }
    }
}
