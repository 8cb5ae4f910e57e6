//! Quantiles and buckets.

use promql_parser::label::{MatchOp, Matcher};
use promql_parser::parser::Expr;
use promql_parser::parser::token::{T_GTE, T_GTR};

use crate::check::finding::Finding;
use crate::check::shape::bare;
use crate::check::vocabulary::Vocabulary;
use crate::promql::selector::{matchers, name, selectors, values};
use crate::promql::walk::each;

/// Averages and sums of quantiles.
pub(crate) fn averages(expression: &Expr, vocabulary: &Vocabulary) -> Vec<Finding> {
    let mut findings = Vec::new();
    each(expression, &mut |part, _| {
        let (word, inner) = match part {
            Expr::Aggregate(aggregate) => (aggregate.op.to_string(), &*aggregate.expr),
            Expr::Call(call) => match call.args.args.first() {
                Some(argument) => (call.func.name.to_owned(), &**argument),
                None => return,
            },
            _ => return,
        };
        let is_mean = matches!(word.as_str(), "avg" | "sum" | "avg_over_time" | "sum_over_time");
        if is_mean && is_quantile(inner, vocabulary) {
            let message = format!(
                "`{word}` of quantiles is no quantile of anything: one slow process of ten is averaged away; add up the buckets by `le` first, or take the `max`"
            );
            findings.push(Finding::new(&word, message));
        }
    });
    findings
}

/// Whether its values are quantiles.
fn is_quantile(expression: &Expr, vocabulary: &Vocabulary) -> bool {
    match bare(expression) {
        Expr::Call(call) if call.func.name == "histogram_quantile" => true,
        Expr::Subquery(subquery) => is_quantile(&subquery.expr, vocabulary),
        Expr::VectorSelector(selector) => is_series_of_quantiles(selector, vocabulary),
        Expr::MatrixSelector(matrix) => is_series_of_quantiles(&matrix.vs, vocabulary),
        _ => false,
    }
}

fn is_series_of_quantiles(selector: &promql_parser::parser::VectorSelector, vocabulary: &Vocabulary) -> bool {
    let is_summary = matchers(selector).any(|matcher| matcher.name == "quantile");
    is_summary
        || vocabulary.found(selector).any(
            |it| matches!(bare(&it.expression), Expr::Call(call) if call.func.name == "histogram_quantile"),
        )
}

/// Buckets by the spelling of their bound.
pub(crate) fn equal_bounds(expression: &Expr) -> Vec<Finding> {
    let selectors = selectors(expression);
    let bounds = selectors.iter().flat_map(matchers).filter(|matcher| is_spelled(matcher));
    bounds
        .map(|matcher| {
            let message = format!("`{matcher}` finds a bucket by the spelling of its bound: Prometheus 3 stores `1.0` where 2 had `1`, and a program may have other bounds; count what is good in the program, or take a quantile");
            Finding::new("le", message)
        })
        .collect()
}

fn is_spelled(matcher: &Matcher) -> bool {
    let is_number = |value: &str| value.parse::<f64>().is_ok_and(f64::is_finite);
    let with_points = || matcher.value.split('|').any(|value| is_number(&value.replace("\\.", ".")));
    matcher.name == "le"
        && match matcher.op {
            MatchOp::Equal | MatchOp::NotEqual => values(matcher).into_iter().any(is_number),
            MatchOp::Re(_) | MatchOp::NotRe(_) => with_points(),
        }
}

/// Quantiles compared with what they cannot reach.
pub(crate) fn unreachable_thresholds(expression: &Expr, vocabulary: &Vocabulary) -> Vec<Finding> {
    let mut findings = Vec::new();
    each(expression, &mut |part, _| {
        let Expr::Binary(comparison) = part else { return };
        let is_above = matches!(comparison.op.id(), T_GTR | T_GTE);
        let is_quantile =
            matches!(bare(&comparison.lhs), Expr::Call(call) if call.func.name == "histogram_quantile");
        let (true, true, Some(threshold)) = (is_above, is_quantile, vocabulary.constant(&comparison.rhs))
        else {
            return;
        };
        for selector in selectors(&comparison.lhs) {
            let Some(metric) = name(&selector) else { continue };
            let top = vocabulary.sample(metric).and_then(|sample| sample.metric?.largest_bound());
            let is_unreachable =
                |top: f64| threshold > top || (threshold >= top && comparison.op.id() == T_GTR);
            if let Some(top) = top.filter(|top| is_unreachable(*top)) {
                let message = format!(
                    "the quantile of `{metric}` is never above its largest bucket, which ends at {top}, so it never passes {threshold}; lower the threshold, or count what is beyond the buckets"
                );
                findings.push(Finding::new(metric, message));
            }
        }
    });
    findings
}
