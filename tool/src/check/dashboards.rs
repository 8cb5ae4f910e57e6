//! What dashboards ask for is there.

use std::path::Path;

use crate::check::vocabulary::Vocabulary;
use crate::check::{mistakes, proof};
use crate::fault::Fault;
use crate::pack::files;
use crate::promql::selector::parse;
use crate::yaml::Node;

/// What Grafana puts in the place of its variables, by an example of it.
const VARIABLES: [(&str, &str); 4] =
    [("$__rate_interval", "5m"), ("$__interval", "1m"), ("$__range", "1h"), ("${__range}", "1h")];

/// What is wrong with the dashboards of the pack.
pub(crate) fn faults(alerts: &Path, vocabulary: &Vocabulary) -> Vec<Fault> {
    let paths = match files(&alerts.join("dashboards"), "json") {
        Ok(paths) => paths,
        Err(fault) => return vec![fault],
    };
    let mut faults = Vec::new();
    for path in paths {
        match Node::read(&path) {
            Ok(dashboard) => faults.extend(of_dashboard(&path, &dashboard, vocabulary)),
            Err(fault) => faults.push(fault),
        }
    }
    faults
}

fn of_dashboard(path: &Path, dashboard: &Node, vocabulary: &Vocabulary) -> Vec<Fault> {
    if dashboard.get("panels").is_none() {
        return vec![Fault::of(path, "is no dashboard: it has no `panels`")];
    }
    let mut queries = Vec::new();
    collect(dashboard, &mut queries);
    let mut faults = Vec::new();
    for (line, query) in queries {
        let query =
            VARIABLES.iter().fold(query, |query, (variable, example)| query.replace(variable, example));
        match parse(&query) {
            Err(error) => faults.push(Fault::at(path, line, format!("is no PromQL: {query}: {error}"))),
            Ok(expression) => {
                let mut findings = proof::unknown_names(&expression, vocabulary);
                findings.extend(mistakes::of_any(&expression, vocabulary));
                faults.extend(findings.into_iter().map(|finding| finding.at(path, line, "")));
            }
        }
    }
    faults
}

/// The expressions of panels, and the selectors of variables.
fn collect(node: &Node, queries: &mut Vec<(usize, String)>) {
    for item in node.items() {
        collect(item, queries);
    }
    for (key, value) in node.entries() {
        match value.as_str() {
            Some(query) if key == "expr" => queries.push((value.line, query.to_owned())),
            Some(query) if key == "query" => {
                queries.extend(of_variable(query).map(|selector| (value.line, selector.to_owned())));
            }
            _ => collect(value, queries),
        }
    }
}

/// What `label_values(selector, label)` selects.
fn of_variable(query: &str) -> Option<&str> {
    let arguments = query.strip_prefix("label_values(")?.strip_suffix(')')?;
    arguments.rsplit_once(',').map(|(selector, _)| selector.trim())
}
