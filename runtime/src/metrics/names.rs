//! Which names the metrics of the `metrics` facade may have, so that the page stays one that Prometheus reads.
//!
//! Prometheus refuses a whole page for one name with two types, or one series that stands there twice.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt;

use super::cardinality::MAX_SETS;
use super::exposition::Kind;
use super::registry::MAX_SERIES;
use super::text::counter_family;
use crate::names::exposed_directly;

/// What the names of samples end in, in any format: in that of OpenMetrics a family may have a time of its creation,
/// and a counter is named without its suffix.
const HISTOGRAM_SUFFIXES: [&str; 5] = ["", "_bucket", "_sum", "_count", "_created"];
const COUNTER_SUFFIXES: [&str; 3] = ["", "_total", "_created"];

/// The number of names that a warning is remembered for; of what comes after, nothing is said.
const MAX_WARNINGS: usize = 1_000;

/// The number of names that the page may have: more than all series need.
const MAX_NAMES: usize = 5 * MAX_SERIES as usize;

/// A metric's name and labels, as they stand on the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sanitized {
    pub(crate) name: String,
    /// Sorted by name: their order makes no series of its own.
    pub(crate) labels: Vec<(String, String)>,
}

/// Why a metric is not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    NoName,
    Reserved(String),
    Taken { name: String, by: &'static str },
    LabelReserved(String),
    LabelTwice(String),
    TooMany,
    TooManyOfMetric,
    TooManyNames,
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoName => formatter.write_str("it has no name: give it one"),
            Self::Reserved(name) => {
                write!(formatter, "`{name}` is a metric of tachograph: choose another name")
            }
            Self::Taken { name, by } => {
                write!(formatter, "`{name}` belongs to a {by} already: choose another name")
            }
            Self::LabelReserved(label) => write!(formatter, "the label `{label}` is reserved: rename it"),
            Self::LabelTwice(label) => {
                write!(formatter, "two labels are named `{label}` on the page: rename one")
            }
            Self::TooMany => {
                formatter.write_str("the limit on series is reached: use fewer values in labels")
            }
            Self::TooManyNames => {
                formatter.write_str("the limit on names is reached: put what changes into labels")
            }
            Self::TooManyOfMetric => write!(
                formatter,
                "it has {MAX_SETS} sets of labels, and further ones are one series: use fewer values in labels"
            ),
        }
    }
}

/// The names in use.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// By what stands on the page: what kind of metric it is of, and the metric's own name.
    taken: HashMap<String, (Kind, String)>,
    warned: HashSet<String>,
}

impl Names {
    /// Takes a name for a kind of metric; free again never.
    pub(crate) fn take(&mut self, name: &str, kind: Kind) -> Result<(), Refusal> {
        if self.taken.len() >= MAX_NAMES && !self.taken.contains_key(name) {
            return Err(Refusal::TooManyNames);
        }
        for exposed in exposed(name, kind) {
            if is_reserved(&exposed) {
                return Err(Refusal::Reserved(exposed));
            }
            if let Some((by, of)) = self.taken.get(&exposed)
                && (*by, of.as_str()) != (kind, name)
            {
                return Err(Refusal::Taken { by: by.as_str(), name: exposed });
            }
        }
        for exposed in exposed(name, kind) {
            self.taken.entry(exposed).or_insert_with(|| (kind, name.to_owned()));
        }
        Ok(())
    }

    /// Whether a refusal of this name is worth a word: it is the first.
    pub(crate) fn is_news(&mut self, name: &str) -> bool {
        self.warned.len() < MAX_WARNINGS && !self.warned.contains(name) && self.warned.insert(name.to_owned())
    }
}

/// Every name that a metric has on the page, in whatever format.
fn exposed(name: &str, kind: Kind) -> impl Iterator<Item = String> {
    let (base, suffixes): (_, &[_]) = match kind {
        Kind::Counter => (counter_family(name), &COUNTER_SUFFIXES),
        Kind::Gauge => (name, &[""]),
        Kind::Histogram => (name, &HISTOGRAM_SUFFIXES),
    };
    suffixes.iter().map(move |suffix| format!("{base}{suffix}"))
}

/// Whether the page has a metric of this name from somewhere else.
fn is_reserved(name: &str) -> bool {
    let mut own = exposed_directly();
    name.starts_with("tachograph_") || own.any(|own| exposed(own.name, own.kind).any(|own| own == name))
}

/// Name and labels with every character that Prometheus does not know turned into `_`.
pub(crate) fn sanitize<'a>(
    name: &str,
    labels: impl Iterator<Item = (&'a str, &'a str)>,
    kind: Kind,
) -> Result<Sanitized, Refusal> {
    if name.is_empty() {
        return Err(Refusal::NoName);
    }
    let labels = labels.map(|(label, value)| (sanitize_label(label), value.to_owned()));
    let mut labels: Vec<_> = labels.collect();
    labels.sort();
    let mut seen = BTreeSet::new();
    for (label, _) in &labels {
        if label.is_empty() || label.starts_with("__") || (label == "le" && kind == Kind::Histogram) {
            return Err(Refusal::LabelReserved(label.clone()));
        }
        if !seen.insert(label) {
            return Err(Refusal::LabelTwice(label.clone()));
        }
    }
    Ok(Sanitized { name: sanitize_name(name), labels })
}

/// The name of a metric on the page.
pub(crate) fn sanitize_name(name: &str) -> String {
    sanitize_with(name, |character| character == ':')
}

fn sanitize_label(name: &str) -> String {
    sanitize_with(name, |_| false)
}

fn sanitize_with(name: &str, also: impl Fn(char) -> bool) -> String {
    let is_valid = |at: usize, character: char| {
        character == '_'
            || also(character)
            || character.is_ascii_alphabetic()
            || (at > 0 && character.is_ascii_digit())
    };
    name.chars()
        .enumerate()
        .map(|(at, character)| if is_valid(at, character) { character } else { '_' })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, labels: &[(&str, &str)], kind: Kind) -> Result<Sanitized, Refusal> {
        sanitize(name, labels.iter().copied(), kind)
    }

    #[test]
    fn two_spellings_of_a_name_are_one() {
        assert_eq!(sanitize_name("http.requests-total"), "http_requests_total");
        assert_eq!(sanitize_name("1st:ä"), "_st:_");
        let ordered = check("x", &[("a", "1"), ("b", "2")], Kind::Gauge);
        assert_eq!(check("x", &[("b", "2"), ("a", "1")], Kind::Gauge), ordered);
    }

    #[test]
    fn labels_that_would_stand_there_twice_are_refused() {
        let twice = Err(Refusal::LabelTwice("a_b".into()));
        assert_eq!(check("x", &[("a.b", "1"), ("a_b", "2")], Kind::Counter), twice);
        assert_eq!(check("x", &[("a_b", "1"), ("c", ""), ("a_b", "1")], Kind::Counter), twice);
    }

    #[test]
    fn reserved_labels_are_refused() {
        for (label, kind) in [("le", Kind::Histogram), ("__name__", Kind::Gauge), ("", Kind::Gauge)] {
            assert_eq!(check("x", &[(label, "1")], kind), Err(Refusal::LabelReserved(label.into())));
        }
        assert!(check("x", &[("le", "1")], Kind::Gauge).is_ok());
    }

    #[test]
    fn names_of_the_page_itself_are_refused() {
        for (name, kind) in [
            ("function_duration_seconds", Kind::Histogram),
            ("function_duration_seconds_count", Kind::Counter),
            ("function_calls_total", Kind::Gauge),
            ("process_open_fds", Kind::Gauge),
            ("tachograph_anything", Kind::Counter),
            ("tachograph_anything", Kind::Histogram),
            ("function_calls", Kind::Gauge),
            ("function_calls", Kind::Counter),
            ("process_cpu_seconds_created", Kind::Gauge),
        ] {
            assert!(matches!(Names::default().take(name, kind), Err(Refusal::Reserved(_))), "{name}");
        }
        assert_eq!(Names::default().take("process_orders_total", Kind::Counter), Ok(()));
    }

    #[test]
    fn a_name_is_of_one_kind() {
        let mut names = Names::default();
        assert_eq!(names.take("size", Kind::Histogram), Ok(()));
        assert_eq!(names.take("size", Kind::Histogram), Ok(()));
        let taken = |name: &str, by| Err(Refusal::Taken { name: name.into(), by });
        assert_eq!(names.take("size", Kind::Counter), taken("size", "histogram"));
        assert_eq!(names.take("size_count", Kind::Counter), taken("size_count", "histogram"));
        assert_eq!(names.take("weight_sum", Kind::Gauge), Ok(()));
        assert_eq!(names.take("weight", Kind::Histogram), taken("weight_sum", "gauge"));
        assert_eq!(names.take("weight", Kind::Counter), Ok(()), "a refused name is not taken");
    }

    #[test]
    fn names_that_are_one_in_open_metrics_are_refused() {
        let taken = |name: &str, by| Err(Refusal::Taken { name: name.into(), by });
        let mut names = Names::default();
        assert_eq!(names.take("jobs_total", Kind::Counter), Ok(()));
        assert_eq!(names.take("jobs", Kind::Counter), taken("jobs", "counter"));
        assert_eq!(names.take("jobs", Kind::Gauge), taken("jobs", "counter"));
        assert_eq!(names.take("jobs_created", Kind::Gauge), taken("jobs_created", "counter"));
        assert_eq!(names.take("jobs_info", Kind::Gauge), Ok(()), "nothing here is of the type info");
        assert_eq!(names.take("visits", Kind::Counter), Ok(()));
        assert_eq!(names.take("visits_total", Kind::Gauge), taken("visits_total", "counter"));
        assert_eq!(names.take("size", Kind::Histogram), Ok(()));
        assert_eq!(names.take("size_created", Kind::Gauge), taken("size_created", "histogram"));
        assert_eq!(names.take("_total", Kind::Counter), Ok(()));
    }

    #[test]
    fn a_name_is_news_once() {
        let mut names = Names::default();
        assert!(names.is_news("x") && !names.is_news("x") && names.is_news("y"));
    }
}
