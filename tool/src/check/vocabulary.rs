//! Everything that can be asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use promql_parser::parser::Expr;
use promql_parser::parser::VectorSelector;
use tachograph::names::{self, Metric};

use crate::check::exporters::{Exporters, lists};
use crate::fault::Fault;
use crate::pack::{Rule, RuleFile};
use crate::promql::selector::{name, parse};

/// What Prometheus says of a target and of alerts.
const OF_PROMETHEUS: [(&str, &[&str]); 7] = [
    ("up", &[]),
    ("scrape_duration_seconds", &[]),
    ("scrape_samples_scraped", &[]),
    ("scrape_samples_post_metric_relabeling", &[]),
    ("scrape_series_added", &[]),
    ("ALERTS", &["alertname", "alertstate", "severity", "component"]),
    ("ALERTS_FOR_STATE", &["alertname", "severity", "component"]),
];

/// The labels that a scrape adds.
pub(crate) const OF_A_SCRAPE: [&str; 2] = ["job", "instance"];

/// What a sample does over time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Counter,
    Gauge,
    /// An exporter's that its name does not tell.
    Unknown,
}

/// Who emits a sample. What one emits carries other values of `job` and `instance` than what another does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    Anybody,
    Only(BTreeSet<String>),
}

/// What is known of the samples of a name.
#[derive(Debug, Clone)]
pub(crate) struct Sample {
    pub(crate) kind: Kind,
    /// Without those of a scrape.
    pub(crate) labels: BTreeSet<String>,
    pub(crate) origin: Origin,
    /// Of the program.
    pub(crate) metric: Option<&'static Metric>,
}

/// A recorded series: the expression and the labels that the rule adds.
#[derive(Debug)]
pub(crate) struct Recorded {
    pub(crate) expression: Expr,
    pub(crate) rule: Rule,
}

/// All names that there are.
#[derive(Debug, Default)]
pub(crate) struct Vocabulary {
    exporters: Exporters,
    recorded: BTreeMap<String, Vec<Recorded>>,
    lists: String,
}

impl Vocabulary {
    /// What the program, the exporters of the pack and the rules have.
    pub(crate) fn new<'a>(
        alerts: &Path,
        files: impl IntoIterator<Item = &'a RuleFile>,
    ) -> Result<Self, Vec<Fault>> {
        let exporters = Exporters::read(alerts)?;
        let mut recorded = BTreeMap::<String, Vec<Recorded>>::new();
        for rule in files.into_iter().flat_map(|file| &file.rules) {
            if let (Some(record), Some(Ok(expression))) = (rule.record(), rule.expression().map(parse)) {
                recorded
                    .entry(record.to_owned())
                    .or_default()
                    .push(Recorded { expression, rule: rule.clone() });
            }
        }
        Ok(Self { exporters, recorded, lists: lists(alerts).display().to_string() })
    }

    /// The rules that record a series of that name.
    pub(crate) fn recorded(&self, name: &str) -> &[Recorded] {
        self.recorded.get(name).map_or(&[], Vec::as_slice)
    }

    /// Those of them that a selector can find.
    pub(crate) fn found<'a>(&'a self, selector: &'a VectorSelector) -> impl Iterator<Item = &'a Recorded> {
        let recorded = name(selector).map_or(&[][..], |name| self.recorded(name));
        recorded.iter().filter(|recorded| recorded.rule.gives(selector))
    }

    /// What is known of a name; it may be of a recorded series, of which the expression knows more.
    pub(crate) fn sample(&self, name: &str) -> Option<Sample> {
        let sample = |kind, labels, origin| Sample { kind, labels, origin, metric: None };
        if let Some((_, labels)) = OF_PROMETHEUS.iter().find(|(known, _)| *known == name) {
            let labels = labels.iter().map(|label| (*label).to_owned()).collect();
            return Some(sample(Kind::Gauge, labels, Origin::Anybody));
        }
        if let Some(sample) = of_program(name) {
            return Some(sample);
        }
        let (by, labels) = self.exporters.find(name)?;
        Some(sample(kind_by_name(name), labels.clone(), Origin::Only(by.clone())))
    }

    /// What there is to say where there is no such name.
    pub(crate) fn is_missing(&self, name: &str) -> String {
        if let Some(only) = self.exporters.only_in(name) {
            return format!(
                "`{name}` is of {only}: ask for what all generations have, or the rule is silent with the others"
            );
        }
        let close = self.closest(name).map(|close| format!("; is it `{close}`?")).unwrap_or_default();
        format!(
            "nobody emits `{name}`: it is no metric of the program, none of the lists in {}, and no rule records it{close}",
            self.lists
        )
    }

    /// The name that differs least, where one does by little.
    fn closest(&self, name: &str) -> Option<String> {
        let of_program = names::all().map(|metric| metric.name);
        let all = of_program.chain(self.recorded.keys().map(String::as_str));
        let near = all.map(|known| (distance(known, name), known)).min()?;
        (near.0 <= 3.max(name.len() / 5)).then(|| near.1.to_owned())
    }
}

fn of_program(name: &str) -> Option<Sample> {
    let part = |metric: &'static Metric| match name.strip_prefix(metric.name)? {
        "" if metric.kind != names::Kind::Histogram => Some((metric, false)),
        "_bucket" if metric.kind == names::Kind::Histogram => Some((metric, true)),
        "_sum" | "_count" if metric.kind == names::Kind::Histogram => Some((metric, false)),
        _ => None,
    };
    let (metric, is_bucket) = names::all().find_map(part)?;
    let own = metric.labels.iter().map(|label| label.name);
    let labels = own.chain(is_bucket.then_some("le")).map(str::to_owned).collect();
    let kind = if metric.kind == names::Kind::Gauge { Kind::Gauge } else { Kind::Counter };
    let origin = Origin::Only(BTreeSet::from(["the program".to_owned()]));
    Some(Sample { kind, labels, origin, metric: Some(metric) })
}

/// What an exporter's metric is, as far as good manners of naming tell.
fn kind_by_name(name: &str) -> Kind {
    let is = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
    if is(&["_total", "_bucket", "_sum", "_count"]) {
        Kind::Counter
    } else if is(&["_bytes", "_ratio", "_info", "_up", "_celsius", "_timestamp_seconds", "_connections"]) {
        Kind::Gauge
    } else {
        Kind::Unknown
    }
}

/// How many letters have to be added, taken out or changed.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, of_a) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, of_b) in b.iter().enumerate() {
            let changed = diagonal + usize::from(of_a != *of_b);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_histogram_are_counters_and_the_histogram_itself_is_no_sample() {
        let bucket = of_program("function_duration_seconds_bucket").unwrap();
        assert!(bucket.kind == Kind::Counter && bucket.labels.contains("le"));
        assert!(!of_program("function_duration_seconds_sum").unwrap().labels.contains("le"));
        assert!(of_program("function_duration_seconds").is_none());
    }

    #[test]
    fn a_slip_of_the_pen_is_told() {
        let said = Vocabulary::default().is_missing("function_call_total");
        assert!(said.ends_with("is it `function_calls_total`?"), "{said}");
        assert_eq!([distance("abc", "abc"), distance("abc", "xbcd"), distance("", "ab")], [0, 2, 2]);
    }
}
