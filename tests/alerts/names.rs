//! The rules ask for what the page of names has.

use std::collections::BTreeSet;

use tachograph::names::{Kind, Metric, all};

use crate::promql::{matchers, selectors, values};
use crate::rules::{Rule, rules};

/// What Prometheus itself says of a target, with labels that its configuration gives.
const OF_PROMETHEUS: [&str; 1] = ["up"];
/// The labels that a scrape adds.
const OF_A_SCRAPE: [&str; 2] = ["job", "instance"];

/// The metric that a sample is of.
fn metric_of(sample: &str) -> Option<&'static Metric> {
    let is_of = |metric: &&Metric| match sample.strip_prefix(metric.name) {
        Some("") => true,
        Some("_bucket" | "_sum" | "_count") => metric.kind == Kind::Histogram,
        _ => false,
    };
    all().find(is_of)
}

#[test]
fn rules_ask_for_what_is_in_the_page_of_names() {
    let rules = rules();
    let recorded: BTreeSet<&str> = rules.iter().filter_map(Rule::record).collect();
    let mut faults = Vec::new();
    for selector in rules.iter().flat_map(|rule| selectors(rule.expression())) {
        let name = selector.name.as_deref().expect("a rule selects by the name of a metric");
        if recorded.contains(name) || OF_PROMETHEUS.contains(&name) {
            continue;
        }
        let Some(metric) = metric_of(name) else {
            faults.push(format!("nobody emits `{name}`"));
            continue;
        };
        for matcher in matchers(&selector).filter(|matcher| !OF_A_SCRAPE.contains(&matcher.name.as_str())) {
            if matcher.name == "le" && name.ends_with("_bucket") {
                continue;
            }
            match metric.label(&matcher.name) {
                None => faults.push(format!("`{name}` has no label `{}`", matcher.name)),
                Some(label) => faults.extend(
                    values(matcher)
                        .into_iter()
                        .filter(|value| !label.values.contains(value))
                        .map(|value| format!("`{name}` never has {}=\"{value}\"", label.name)),
                ),
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}
