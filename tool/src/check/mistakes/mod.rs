//! The mistakes that rules are known for: each loads, and is silent or loud at the wrong time.

mod counters;
mod quantiles;
mod matching;
mod ratios;
mod silence;

use std::time::Duration;

use promql_parser::parser::Expr;

use crate::check::finding::Finding;
use crate::check::vocabulary::Vocabulary;

/// What of them is in the expression of an alert that waits so long.
pub(crate) fn of_alert(expression: &Expr, wait: Duration, vocabulary: &Vocabulary) -> Vec<Finding> {
    let mut findings = of_any(expression, vocabulary);
    findings.extend(quantiles::unreachable_thresholds(expression, vocabulary));
    findings.extend(ratios::of_alert(expression, wait, vocabulary));
    findings.extend(silence::of_alert(expression));
    sorted(findings)
}

/// What of them is in the expression of a rule that records.
pub(crate) fn of_record(expression: &Expr, vocabulary: &Vocabulary) -> Vec<Finding> {
    let mut findings = of_any(expression, vocabulary);
    findings.extend(ratios::of_record(expression, vocabulary));
    sorted(findings)
}

/// What of them is wrong in any expression.
pub(crate) fn of_any(expression: &Expr, vocabulary: &Vocabulary) -> Vec<Finding> {
    let mut findings = counters::misused(expression, vocabulary);
    findings.extend(quantiles::averages(expression, vocabulary));
    findings.extend(quantiles::equal_bounds(expression));
    findings.extend(matching::unmatched(expression, vocabulary));
    sorted(findings)
}

fn sorted(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort();
    findings.dedup();
    findings
}
