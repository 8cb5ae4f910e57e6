//! promtool's tests of the rules test something. promtool itself minds neither an alert nor a file that does not exist.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use promql_parser::parser::Expr;

use crate::check::finding::Finding;
use crate::check::proof;
use crate::check::vocabulary::Vocabulary;
use crate::fault::Fault;
use crate::pack::{RuleFile, TestFile};
use crate::promql::selector::parse;
use crate::yaml::Node;

/// What is wrong with the tests, and which rules have none.
pub(crate) fn faults(tests: &[TestFile], files: &[RuleFile], vocabulary: &Vocabulary) -> Vec<Fault> {
    let mut faults: Vec<Fault> = tests.iter().flat_map(|file| names(file, vocabulary)).collect();
    let mut loaded = BTreeSet::new();
    for file in tests {
        for (path, line) in file.rule_files() {
            match path.canonicalize() {
                Ok(path) => drop(loaded.insert(path)),
                Err(_) => faults.push(Fault::at(
                    &file.path,
                    line,
                    format!(
                        "there is no file {}: promtool passes such tests, whatever they say",
                        path.display()
                    ),
                )),
            }
        }
    }
    let unloaded = files.iter().filter(|file| !is_in(&file.path, &loaded));
    faults.extend(unloaded.map(|file| Fault::of(&file.path, "no test loads these rules")));
    faults.extend(cases(tests, files));
    faults
}

fn is_in(path: &Path, loaded: &BTreeSet<PathBuf>) -> bool {
    path.canonicalize().is_ok_and(|path| loaded.contains(&path))
}

/// How often tests expect an alert, and how often they expect it not to be.
#[derive(Default, Clone, Copy)]
struct Cases {
    firing: usize,
    quiet: usize,
}

fn cases(tests: &[TestFile], files: &[RuleFile]) -> Vec<Fault> {
    let rules = || files.iter().flat_map(|file| file.rules.iter().map(move |rule| (file, rule)));
    let mut tested: BTreeMap<&str, Cases> =
        rules().filter_map(|(_, rule)| Some((rule.alert()?, Cases::default()))).collect();
    let mut faults = Vec::new();
    let of_group = |(file, group): (&'_ TestFile, &'_ Node)| -> Vec<(PathBuf, Node)> {
        group.list("alert_rule_test").iter().map(|case| (file.path.clone(), case.clone())).collect()
    };
    let groups = tests.iter().flat_map(|file| file.node.list("tests").iter().map(move |group| (file, group)));
    for (path, case) in groups.flat_map(of_group) {
        let alert = case.str("alertname").unwrap_or_default();
        match tested.get_mut(alert) {
            Some(cases) if case.list("exp_alerts").is_empty() => cases.quiet += 1,
            Some(cases) => cases.firing += 1,
            None => {
                let line = case.get("alertname").map_or(case.line, |name| name.line);
                faults.push(Fault::at(
                    &path,
                    line,
                    format!("there is no alert `{alert}`: promtool passes a test that expects nothing of it"),
                ));
            }
        }
    }
    for (file, rule) in rules() {
        let Some(alert) = rule.alert() else { continue };
        let Cases { firing, quiet } = tested[alert];
        let mut fault =
            |what| faults.push(Fault::at(&file.path, rule.node.line, format!("no test {what} {alert}")));
        if firing == 0 {
            fault("fires");
        }
        if quiet == 0 {
            fault("keeps quiet");
        }
    }
    faults
}

/// Series and expressions that could not be.
fn names(file: &TestFile, vocabulary: &Vocabulary) -> Vec<Fault> {
    let mut faults = Vec::new();
    for group in file.node.list("tests") {
        let series = group.list("input_series").iter().filter_map(|series| series.get("series"));
        let expressions = group.list("promql_expr_test").iter().filter_map(|case| case.get("expr"));
        faults.extend(
            series.flat_map(|node| of_text(file, node, |it| proof::impossible_series(it, vocabulary))),
        );
        faults.extend(
            expressions.flat_map(|node| of_text(file, node, |it| proof::unknown_names(it, vocabulary))),
        );
    }
    faults
}

fn of_text(file: &TestFile, node: &Node, findings: impl Fn(&Expr) -> Vec<Finding>) -> Vec<Fault> {
    let text = node.as_str().unwrap_or_default();
    match parse(text) {
        Err(error) => vec![Fault::at(&file.path, node.line, format!("is no PromQL: {text}: {error}"))],
        Ok(expression) => {
            findings(&expression).into_iter().map(|finding| finding.at(&file.path, node.line, text)).collect()
        }
    }
}
