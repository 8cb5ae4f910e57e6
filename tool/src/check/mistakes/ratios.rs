//! Shares and other quotients.

use std::time::Duration;

use promql_parser::parser::token::{T_DIV, T_GTE, T_GTR, T_LAND, T_LSS, T_LTE, T_LUNLESS, T_MUL, T_NEQ};
use promql_parser::parser::{BinaryExpr, Expr};
use tachograph::names::{Kind, Values};

use crate::check::finding::Finding;
use crate::check::mistakes::counters::is_rate;
use crate::check::shape::{bare, is_vector};
use crate::check::vocabulary::Vocabulary;
use crate::promql::selector::{matchers, name, selectors};
use crate::promql::walk::{any, each};

/// What is wrong with the quotients of an alert.
pub(crate) fn of_alert(expression: &Expr, wait: Duration, vocabulary: &Vocabulary) -> Vec<Finding> {
    let mut findings = Vec::new();
    each(expression, &mut |part, around| {
        let Expr::Binary(comparison) = part else { return };
        if !comparison.op.is_comparison_operator() {
            return;
        }
        findings.extend(unreachable_share(comparison, vocabulary));
        for quotient in quotients(&comparison.lhs) {
            let is_above = matches!(comparison.op.id(), T_GTR | T_GTE);
            if is_of_rates(quotient) {
                let is_enough =
                    is_guarded(part, around) || is_filtered(&quotient.rhs) || is_outwaited(quotient, wait);
                if !is_enough && !always_counts(&quotient.rhs) {
                    findings.push(without_traffic(quotient, comparison));
                }
                if !is_above {
                    findings.extend(empty_numerator(
                        quotient,
                        vocabulary,
                        "the alert is silent just where nothing succeeds",
                    ));
                }
            } else if is_above && may_be_zero(&quotient.rhs, vocabulary) {
                findings.push(unguarded_maximum(quotient));
            }
        }
    });
    findings
}

/// What is wrong with the quotients that a rule records.
pub(crate) fn of_record(expression: &Expr, vocabulary: &Vocabulary) -> Vec<Finding> {
    let of_rates = quotients(expression).into_iter().filter(|quotient| is_of_rates(quotient));
    of_rates
        .filter_map(|it| empty_numerator(it, vocabulary, "nothing is recorded where a 0 belongs"))
        .collect()
}

/// The divisions in a value, but not those in what it is compared with.
fn quotients(value: &Expr) -> Vec<&BinaryExpr> {
    let mut found = Vec::new();
    each(value, &mut |part, around| {
        let is_in_comparison =
            around.iter().any(|it| matches!(it, Expr::Binary(outer) if outer.op.is_comparison_operator()));
        if let Expr::Binary(binary) = part
            && binary.op.id() == T_DIV
            && is_vector(&binary.rhs)
            && !is_in_comparison
        {
            found.push(binary);
        }
    });
    found
}

fn is_of_rates(quotient: &BinaryExpr) -> bool {
    any(&quotient.lhs, is_rate) && any(&quotient.rhs, is_rate)
}

/// Whether a comparison holds only together with another one of how much there is.
fn is_guarded(comparison: &Expr, around: &[&Expr]) -> bool {
    let mut inside = comparison;
    for outer in around.iter().rev() {
        if let Expr::Binary(binary) = outer {
            let other = if std::ptr::eq(&*binary.lhs, inside) { &binary.rhs } else { &binary.lhs };
            let counts = |of_enough: bool| {
                any(other, |part| {
                    matches!(part, Expr::Binary(it) if any(&it.lhs, is_rate) && match it.op.id() {
                        T_GTR | T_GTE => of_enough,
                        T_LSS | T_LTE => !of_enough,
                        _ => false,
                    })
                })
            };
            if (binary.op.id() == T_LAND && counts(true)) || (binary.op.id() == T_LUNLESS && counts(false)) {
                return true;
            }
        }
        inside = outer;
    }
    false
}

/// Whether a single one has left the window by the time that the alert has waited for.
fn is_outwaited(quotient: &BinaryExpr, wait: Duration) -> bool {
    let mut longest = Duration::ZERO;
    each(&quotient.lhs, &mut |part, _| {
        longest = longest.max(match part {
            Expr::MatrixSelector(matrix) => matrix.range,
            Expr::Subquery(subquery) => subquery.range,
            _ => Duration::ZERO,
        });
    });
    wait >= longest
}

/// Whether only values above or other than something are left.
fn is_filtered(expression: &Expr) -> bool {
    any(expression, |part| matches!(part, Expr::Binary(it) if matches!(it.op.id(), T_GTR | T_GTE | T_NEQ)))
}

/// Whether it is time that passes, whatever happens.
fn always_counts(expression: &Expr) -> bool {
    let selectors = selectors(expression);
    !selectors.is_empty()
        && selectors.iter().all(|it| name(it).is_some_and(|name| name.ends_with("_cpu_seconds_total")))
}

fn without_traffic(quotient: &BinaryExpr, comparison: &BinaryExpr) -> Finding {
    let denominator = metric_of(&quotient.rhs);
    let why = if matches!(comparison.op.id(), T_GTR | T_GTE) {
        "one of a few is a large share already, and without any it is NaN"
    } else {
        "without any it is NaN, which is below nothing, and a few say nothing"
    };
    Finding::new(
        &denominator,
        format!(
            "a share of `{denominator}` however few there are: {why}; add `and on (…) increase of it >= a minimum`"
        ),
    )
}

/// A quotient whose numerator is not there as long as nothing was counted in it.
fn empty_numerator(quotient: &BinaryExpr, vocabulary: &Vocabulary, then: &str) -> Option<Finding> {
    let has_default = |expression: &Expr| {
        any(expression, |part| matches!(part, Expr::Binary(it) if it.op.to_string() == "or"))
    };
    if has_default(&quotient.lhs) {
        return None;
    }
    let below = selectors(&quotient.rhs);
    selectors(&quotient.lhs).iter().find_map(|selector| {
        let of_all = below.iter().filter(|it| name(it) == name(selector)).collect::<Vec<_>>();
        let metric = vocabulary.sample(name(selector)?)?.metric?;
        let narrow = matchers(selector).find(|matcher| {
            let is_open = match metric.label(&matcher.name).map(|label| label.values) {
                Some(Values::Any(_)) => true,
                // Of histograms with such a label, a series comes with its first value.
                Some(Values::OneOf(_)) => metric.kind == Kind::Histogram,
                None => false,
            };
            is_open && !of_all.iter().any(|it| matchers(it).any(|other| other == *matcher))
        })?;
        let message = format!(
            "there is no series of `{}` with `{narrow}` before the first such one, so the quotient is empty and {then}; write `(… or on (…) 0 * …)`, or count the others",
            name(selector)?
        );
        Some(Finding::new(&narrow.value, message))
    })
}

/// Whether a denominator is a limit that nobody may have set.
fn may_be_zero(denominator: &Expr, vocabulary: &Vocabulary) -> bool {
    !is_filtered(denominator)
        && vocabulary.constant(denominator).is_none_or(|constant| constant == 0.0)
        && !any(denominator, is_rate)
        // What is recorded was judged where it is; an interval has a length.
        && selectors(denominator).iter().filter_map(name).any(|name| {
            vocabulary.recorded(name).is_empty() && !name.ends_with("_interval_seconds")
        })
}

fn unguarded_maximum(quotient: &BinaryExpr) -> Finding {
    let denominator = metric_of(&quotient.rhs);
    Finding::new(
        &denominator,
        format!(
            "`{denominator}` is 0 where no limit is set, and the quotient then infinite: divide by `({denominator} > 0)`"
        ),
    )
}

/// A share that is asked to be more than everything.
fn unreachable_share(comparison: &BinaryExpr, vocabulary: &Vocabulary) -> Option<Finding> {
    if !matches!(comparison.op.id(), T_GTR | T_GTE) {
        return None;
    }
    let threshold = vocabulary.constant(&comparison.rhs)?;
    let (share, factor) = scaled(&comparison.lhs, vocabulary)?;
    let is_unreachable = threshold > factor || (threshold >= factor && comparison.op.id() == T_GTR);
    is_unreachable.then(|| {
        let metric = metric_of(&share.lhs);
        Finding::new(
            &metric,
            format!("a share of `{metric}` is at most 1, so this is at most {factor:.2} and never above {threshold:.2}: an objective has no burn beyond all that can fail; lower the factor, or alert on the share itself"),
        )
    })
}

/// A share, and the number that it is multiplied with.
fn scaled<'a>(expression: &'a Expr, vocabulary: &Vocabulary) -> Option<(&'a BinaryExpr, f64)> {
    let Expr::Binary(binary) = bare(expression) else { return None };
    match binary.op.id() {
        T_DIV
            if let (part, factor) = multiplied(&binary.lhs, vocabulary)
                && is_share(part, &binary.rhs) =>
        {
            Some((binary, factor))
        }
        T_DIV => {
            let (share, factor) = scaled(&binary.lhs, vocabulary)?;
            Some((share, factor / vocabulary.constant(&binary.rhs)?))
        }
        T_MUL => {
            let left = scaled(&binary.lhs, vocabulary).zip(vocabulary.constant(&binary.rhs));
            let right = || scaled(&binary.rhs, vocabulary).zip(vocabulary.constant(&binary.lhs));
            let ((share, factor), by) = left.or_else(right)?;
            Some((share, factor * by))
        }
        _ => None,
    }
}

/// What is multiplied with a number, and the number.
fn multiplied<'a>(expression: &'a Expr, vocabulary: &Vocabulary) -> (&'a Expr, f64) {
    let Expr::Binary(binary) = bare(expression) else { return (expression, 1.0) };
    let (left, right) = (vocabulary.constant(&binary.lhs), vocabulary.constant(&binary.rhs));
    match (binary.op.id(), left, right) {
        (T_MUL, Some(factor), None) => (&binary.rhs, factor),
        (T_MUL, None, Some(factor)) => (&binary.lhs, factor),
        _ => (expression, 1.0),
    }
}

/// Whether the first counts some of what the second counts.
fn is_share(part: &Expr, whole: &Expr) -> bool {
    let is_computed =
        |side| any(side, |it| matches!(it, Expr::Binary(it) if !it.op.is_comparison_operator()));
    if is_computed(part)
        || is_computed(whole)
        || functions(part).is_empty()
        || functions(part) != functions(whole)
    {
        return false;
    }
    let (above, below) = (selectors(part), selectors(whole));
    let ([part], [whole]) = (&above[..], &below[..]) else { return false };
    name(part) == name(whole) && matchers(part).count() >= matchers(whole).count()
}

/// The functions of counters in an expression: a rate over an increase is no share.
fn functions(expression: &Expr) -> Vec<&str> {
    let mut found = Vec::new();
    each(expression, &mut |part, _| {
        if let Expr::Call(call) = part
            && is_rate(part)
        {
            found.push(call.func.name);
        }
    });
    found
}

fn metric_of(expression: &Expr) -> String {
    selectors(expression).iter().find_map(|selector| name(selector).map(str::to_owned)).unwrap_or_default()
}
