//! What is silent where nothing is left to say anything.

use promql_parser::parser::token::{T_EQLC, T_LOR, T_LSS, T_LTE};
use promql_parser::parser::{AggregateExpr, BinaryExpr, Expr, NumberLiteral};

use crate::check::finding::Finding;
use crate::check::shape::bare;
use crate::promql::selector::{name, selectors};
use crate::promql::walk::{any, each};

pub(crate) fn of_alert(expression: &Expr) -> Vec<Finding> {
    let mut findings = Vec::new();
    each(expression, &mut |part, around| {
        let Expr::Binary(comparison) = part else { return };
        let (Expr::Aggregate(aggregate), Expr::NumberLiteral(number)) =
            (bare(&comparison.lhs), bare(&comparison.rhs))
        else {
            return;
        };
        let is_alternative =
            around.iter().any(|outer| matches!(outer, Expr::Binary(it) if it.op.id() == T_LOR));
        let has_default = any(&comparison.lhs, |it| matches!(it, Expr::Binary(it) if it.op.id() == T_LOR));
        if has_default {
            return;
        }
        let metric =
            selectors(&comparison.lhs).iter().find_map(|it| name(it).map(str::to_owned)).unwrap_or_default();
        findings.extend(
            of_comparison(comparison, aggregate, number, &metric)
                .filter(|it| it.1 || !is_alternative)
                .map(|it| it.0),
        );
    });
    findings
}

/// What is wrong, and whether it is so even where something else fires in its place.
fn of_comparison(
    comparison: &BinaryExpr,
    aggregate: &AggregateExpr,
    number: &NumberLiteral,
    metric: &str,
) -> Option<(Finding, bool)> {
    let is_low =
        matches!(comparison.op.id(), T_LSS | T_LTE) || (comparison.op.id() == T_EQLC && number.val == 0.0);
    let word = aggregate.op.to_string();
    if is_low && word == "count" && is_none(comparison, number.val) {
        let message = format!(
            "`count` is never 0: where there is no `{metric}` there is no count either; use `absent`"
        );
        return Some((Finding::new(metric, message), true));
    }
    let is_of_all = aggregate.modifier.as_ref().is_none_or(|it| it.is_include() && it.labels().is_empty());
    (is_low && is_of_all && matches!(word.as_str(), "sum" | "count")).then(|| {
        let message = format!("`{word}` of no series is nothing and not 0, so this is silent just when the last `{metric}` is gone; write `({word}(…) or vector(0))`, or add `or absent(…)`");
        (Finding::new(metric, message), false)
    })
}

/// Whether only nothing at all is that few.
fn is_none(comparison: &BinaryExpr, number: f64) -> bool {
    number < 1.0 || (number <= 1.0 && comparison.op.id() == T_LSS)
}
