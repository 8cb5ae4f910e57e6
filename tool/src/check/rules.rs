//! What is wrong with the rules by themselves.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use promql_parser::parser::Expr;
use promql_parser::parser::token::{T_EQLC, T_LUNLESS};

use crate::check::shape::bare;
use crate::check::vocabulary::Vocabulary;
use crate::check::{alert, mistakes, proof};
use crate::fault::Fault;
use crate::pack::{Rule, RuleFile};
use crate::promql::duration::milliseconds;
use crate::promql::selector::{name, parse, selectors};
use crate::promql::walk::{any, each};

/// What is wrong with each rule of a file.
pub(crate) fn faults(file: &RuleFile, vocabulary: &Vocabulary) -> Vec<Fault> {
    file.rules.iter().flat_map(|rule| of_rule(rule, &file.path, vocabulary)).collect()
}

fn of_rule(rule: &Rule, file: &Path, vocabulary: &Vocabulary) -> Vec<Fault> {
    if rule.alert().is_some() == rule.record().is_some() {
        return vec![Fault::at(file, rule.node.line, "a rule has either `alert` or `record`")];
    }
    let Some(text) = rule.expression() else {
        return vec![Fault::at(file, rule.node.line, format!("{} has no `expr`", rule.name()))];
    };
    let mut faults = if rule.alert().is_some() { alert::faults(rule, file, vocabulary) } else { Vec::new() };
    match parse(text) {
        Err(error) => faults.push(Fault::at(
            file,
            rule.line(),
            format!("the expression of {} is no PromQL: {error}", rule.name()),
        )),
        Ok(expression) => {
            let mut findings = proof::unknown_names(&expression, vocabulary);
            findings.extend(match rule.alert() {
                Some(_) => mistakes::of_alert(&expression, wait(rule), vocabulary),
                None => mistakes::of_record(&expression, vocabulary),
            });
            faults.extend(findings.into_iter().map(|finding| finding.at(file, rule.line(), text)));
        }
    }
    faults
}

fn wait(rule: &Rule) -> Duration {
    Duration::from_millis(rule.node.str("for").and_then(milliseconds).unwrap_or(0))
}

/// What is wrong with the rules as a whole.
pub(crate) fn of_all(files: &[RuleFile]) -> Vec<Fault> {
    let mut faults = thresholds(files);
    faults.extend(names_given_twice(files));
    faults.extend(targets_that_are_gone(files));
    faults
}

/// Thresholds are there to be compared with.
fn thresholds(files: &[RuleFile]) -> Vec<Fault> {
    let rules = || files.iter().flat_map(|file| file.rules.iter().map(move |rule| (file, rule)));
    let is_threshold = |rule: &Rule| rule.record().is_some_and(|record| record.starts_with("alert:"));
    let is_used = |rule: &Rule| {
        rules().any(|(_, other)| {
            other.asks.iter().any(|selector| {
                // `absent(alert:threshold)` asks for any of them and uses none.
                rule.gives(selector)
                    && (rule.node.get("labels").is_none()
                        || selector.matchers.matchers.iter().any(|it| rule.label(&it.name).is_some())
                        || !other.asks_whether_absent(selector))
            })
        })
    };
    rules()
        .filter(|(_, rule)| is_threshold(rule) && !is_used(rule))
        .map(|(file, rule)| {
            Fault::at(
                &file.path,
                rule.node.line,
                format!("no rule compares with {}: take it out, or use it", rule.name()),
            )
        })
        .collect()
}

fn names_given_twice(files: &[RuleFile]) -> Vec<Fault> {
    let mut first = BTreeMap::<&str, (&Path, usize)>::new();
    let mut faults = Vec::new();
    for (file, rule) in files.iter().flat_map(|file| file.rules.iter().map(move |rule| (file, rule))) {
        let Some(alert) = rule.alert() else { continue };
        match first.get(alert) {
            Some((path, line)) => faults.push(Fault::at(&file.path, rule.node.line, format!("there is an alert {alert} already, in {}:{line}: tests, runbooks and silences could not tell them apart", path.display()))),
            None => {
                first.insert(alert, (&file.path, rule.node.line));
            }
        }
    }
    faults
}

/// `up` goes away with its target.
fn targets_that_are_gone(files: &[RuleFile]) -> Vec<Fault> {
    let alerts = || {
        let rules = files.iter().flat_map(|file| file.rules.iter().map(move |rule| (file, rule)));
        rules.filter_map(|(file, rule)| {
            Some((file, rule, rule.alert().and(rule.expression()).and_then(|it| parse(it).ok())?))
        })
    };
    if alerts().any(|(_, _, expression)| asks_for_missing_targets(&expression)) {
        return Vec::new();
    }
    let is_down = |part: &Expr| matches!(part, Expr::Binary(it) if it.op.id() == T_EQLC && is_up(&it.lhs));
    alerts()
        .filter(|(_, _, expression)| any(expression, is_down))
        .map(|(file, rule, _)| Fault::at(&file.path, rule.line(), "`up == 0` is gone together with its target, and no rule asks for targets that are not there: add an alert with `absent(up{job=\"…\"})`, or `… unless on (job) up`"))
        .collect()
}

fn asks_for_missing_targets(expression: &Expr) -> bool {
    let mut found = false;
    each(expression, &mut |part, _| {
        found |= match part {
            Expr::Call(call) => {
                let asks = call.func.name.starts_with("absent");
                asks && selectors(part).iter().any(|it| name(it) == Some("up"))
            }
            Expr::Binary(it) => it.op.id() == T_LUNLESS && is_up(&it.rhs),
            _ => false,
        }
    });
    found
}

fn is_up(expression: &Expr) -> bool {
    matches!(bare(expression), Expr::VectorSelector(selector) if name(selector) == Some("up"))
}
