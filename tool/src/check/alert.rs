//! What an alert has to say to whoever it wakes.

use std::collections::BTreeSet;
use std::path::Path;

use crate::check::finding::Finding;
use crate::check::proof::unknown_names;
use crate::check::vocabulary::Vocabulary;
use crate::fault::Fault;
use crate::pack::{Rule, queries};
use crate::promql::duration::milliseconds;
use crate::promql::selector::parse;
use crate::yaml::Node;

const SEVERITIES: [&str; 3] = ["critical", "warning", "info"];
const TEXTS: [&str; 2] = ["summary", "description"];

/// What is wrong with an alert, but for its expression.
pub(crate) fn faults(rule: &Rule, file: &Path, vocabulary: &Vocabulary) -> Vec<Fault> {
    let alert = rule.alert().unwrap_or_default();
    let mut faults = waits(rule, file);
    let labels = rule.node.get("labels");
    match labels.and_then(|labels| labels.get("severity")) {
        None => faults.push(Fault::at(
            file,
            rule.node.line,
            format!(
                "{alert} has no label `severity`, so no route finds it; it is one of {}",
                SEVERITIES.join(", ")
            ),
        )),
        Some(severity) if !severity.as_str().is_some_and(|it| SEVERITIES.contains(&it)) => {
            let given = severity.as_str().unwrap_or_default();
            faults.push(Fault::at(
                file,
                severity.line,
                format!(
                    "{alert} has the severity `{given}`, which no route knows; it is one of {}",
                    SEVERITIES.join(", ")
                ),
            ));
        }
        Some(_) => {}
    }
    if labels.and_then(|labels| labels.str("component")).is_none_or(str::is_empty) {
        faults.push(Fault::at(
            file,
            rule.node.line,
            format!(
                "{alert} has no label `component`: without it an alert silences those of other components"
            ),
        ));
    }
    let annotations = rule.node.get("annotations");
    let is_missing =
        |text: &&str| annotations.and_then(|annotations| annotations.str(text)).is_none_or(str::is_empty);
    let missing = TEXTS.into_iter().chain(["runbook_url"]).filter(is_missing);
    faults.extend(
        missing.map(|text| Fault::at(file, rule.node.line, format!("{alert} has no annotation `{text}`"))),
    );
    for (label, value) in labels.iter().flat_map(|labels| labels.entries()) {
        let text = value.as_str().unwrap_or_default();
        if text.contains("$value") || text.contains(".Value") {
            faults.push(Fault::at(file, value.line, format!("the label `{label}` of {alert} has the value in it: with every change of the value it is another alert, which starts to wait anew; put it into an annotation")));
        }
    }
    faults.extend(templates(rule, file, vocabulary));
    faults
}

fn waits(rule: &Rule, file: &Path) -> Vec<Fault> {
    let alert = rule.alert().unwrap_or_default();
    let Some(wait) = rule.node.get("for") else {
        let message = format!(
            "{alert} has no `for`, so a single odd scrape wakes somebody; say how long it has to hold, or `for: 0m` where it is not to wait"
        );
        return vec![Fault::at(file, rule.node.line, message)];
    };
    let waits = [Some(wait), rule.node.get("keep_firing_for")].into_iter().flatten();
    let is_odd = |wait: &&Node| wait.as_str().and_then(milliseconds).is_none();
    waits
        .filter(is_odd)
        .map(|wait| {
            Fault::at(file, wait.line, format!("{alert} waits for no duration; write one such as `5m`"))
        })
        .collect()
}

/// What the templates of labels and annotations ask for.
fn templates(rule: &Rule, file: &Path, vocabulary: &Vocabulary) -> Vec<Fault> {
    let parts = ["labels", "annotations"].into_iter().filter_map(|part| rule.node.get(part));
    let shape = rule.expression().and_then(|it| parse(it).ok()).and_then(|it| vocabulary.shape(&it).labels);
    parts
        .flat_map(|part| part.entries())
        .flat_map(|(name, text)| of_template(name, text, shape.as_ref(), file, vocabulary))
        .collect()
}

fn of_template(
    name: &str,
    text: &Node,
    shape: Option<&BTreeSet<String>>,
    file: &Path,
    vocabulary: &Vocabulary,
) -> Vec<Fault> {
    let template = text.as_str().unwrap_or_default();
    let mut faults = Vec::new();
    for query in queries(template) {
        match parse(&query) {
            Err(error) => faults.push(Fault::at(
                file,
                text.line,
                format!("the query in `{name}` is no PromQL: {query}: {error}"),
            )),
            Ok(expression) => {
                let findings: Vec<Finding> = unknown_names(&expression, vocabulary);
                faults.extend(findings.into_iter().map(|finding| finding.at(file, text.line, &query)));
            }
        }
    }
    if let Some(known) = shape {
        let unknown = labels_used(template).filter(|label| !known.contains(*label) && *label != "alertname");
        faults.extend(unknown.map(|label| {
            let has = known.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
            Fault::at(file, text.line, format!("`$labels.{label}` in `{name}` is always empty: the series of the expression have the labels ({has}) alone"))
        }));
    }
    faults
}

fn labels_used(template: &str) -> impl Iterator<Item = &str> {
    template.split("$labels.").skip(1).map(|rest| {
        let end = rest.find(|it: char| !it.is_ascii_alphanumeric() && it != '_').unwrap_or(rest.len());
        &rest[..end]
    })
}
