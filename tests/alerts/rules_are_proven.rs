//! Every rule is complete, is tested, and asks for what is there.

use std::collections::BTreeSet;

use crate::rule_tests::Coverage;
use crate::rules::{Rule, rules};
use crate::scrape_config::rule_files;

#[test]
fn every_alert_says_what_an_operator_needs() {
    let mut faults = Vec::new();
    for (alert, rule) in alerts(&rules()) {
        let severity = rule.yaml["labels"]["severity"].as_str();
        if !matches!(severity, Some("critical" | "warning" | "info")) {
            faults.push(format!("{alert} has the severity {severity:?}"));
        }
        let required = [&rule.yaml["for"], &rule.yaml["labels"]["component"]];
        let required = required
            .into_iter()
            .chain(["summary", "description"].map(|name| &rule.yaml["annotations"][name]));
        if required.into_iter().any(|value| value.as_str().is_none_or(str::is_empty)) {
            faults
                .push(format!("{alert} is to have `for`, a label `component`, a summary and a description"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_alert_has_a_test_that_fires_it_and_one_that_does_not() {
    let rules = rules();
    let names: BTreeSet<String> = alerts(&rules).map(|(alert, _)| alert.to_owned()).collect();
    let Coverage { rule_files: tested, firing, quiet } = Coverage::read();

    assert_eq!(firing, names, "left: the alerts that a test fires, right: the alerts");
    assert_eq!(quiet, names, "left: the alerts that a test keeps quiet, right: the alerts");
    let files = rule_files().into_iter().map(|path| path.canonicalize().expect("it was listed")).collect();
    assert_eq!(tested, files, "left: the rule files that tests load, right: the rule files");
}

#[test]
fn every_threshold_that_a_rule_compares_with_is_set() {
    let rules = rules();
    let label = |rule: &Rule| rule.yaml["labels"]["alert"].as_str().map(str::to_owned);
    let set: BTreeSet<String> =
        rules.iter().filter(|rule| rule.record() == Some("alert:threshold")).filter_map(label).collect();
    let asked = |rule: &Rule| {
        let behind = |(position, name): (usize, &str)| {
            let alert = rule.expression()[position + name.len()..].split('"').next();
            alert.expect("split gives one item or more").to_owned()
        };
        rule.expression().match_indices("alert:threshold{alert=\"").map(behind).collect::<Vec<_>>()
    };
    let used: BTreeSet<String> = rules.iter().flat_map(asked).collect();
    assert_eq!(used, set, "left: the thresholds that rules use, right: those of rules/thresholds.yml");
}

fn alerts(rules: &[Rule]) -> impl Iterator<Item = (&str, &Rule)> {
    rules.iter().filter_map(|rule| Some((rule.alert()?, rule)))
}
