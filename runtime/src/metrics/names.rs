//! Which names the metrics of the `metrics` facade may have, so that the page stays one that Prometheus reads.
//!
//! Prometheus refuses a whole page for one name with two types, or one series that stands there twice.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt;

use super::exposition::Kind;
use super::process;

/// What the page says of annotated functions.
const FUNCTION_METRICS: [&str; 4] = [
    "function_duration_seconds",
    "function_calls_total",
    "function_busy_seconds_total",
    "function_in_flight",
];

/// What a histogram's name stands on the page with.
const HISTOGRAM_SUFFIXES: [&str; 4] = ["", "_bucket", "_sum", "_count"];

/// The number of names that a warning is remembered for; of what comes after, nothing is said.
const MAX_WARNINGS: usize = 1_000;

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
        for suffix in suffixes(kind) {
            let exposed = format!("{name}{suffix}");
            if is_reserved(&exposed) {
                return Err(Refusal::Reserved(exposed));
            }
            if let Some((by, of)) = self.taken.get(&exposed)
                && (*by, of.as_str()) != (kind, name)
            {
                return Err(Refusal::Taken { by: by.as_str(), name: exposed });
            }
        }
        for suffix in suffixes(kind) {
            self.taken.entry(format!("{name}{suffix}")).or_insert_with(|| (kind, name.to_owned()));
        }
        Ok(())
    }

    /// Whether a refusal of this name is worth a word: it is the first.
    pub(crate) fn is_news(&mut self, name: &str) -> bool {
        self.warned.len() < MAX_WARNINGS && !self.warned.contains(name) && self.warned.insert(name.to_owned())
    }
}

fn suffixes(kind: Kind) -> &'static [&'static str] {
    if kind == Kind::Histogram { &HISTOGRAM_SUFFIXES } else { &[""] }
}

/// Whether the page has a metric of this name from somewhere else.
fn is_reserved(name: &str) -> bool {
    name.starts_with("tachograph_")
        || FUNCTION_METRICS.contains(&name)
        || process::NAMES.contains(&name)
        || HISTOGRAM_SUFFIXES.iter().any(|suffix| name.strip_suffix(suffix) == Some(FUNCTION_METRICS[0]))
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
    fn a_name_is_news_once() {
        let mut names = Names::default();
        assert!(names.is_news("x") && !names.is_news("x") && names.is_news("y"));
    }
}
