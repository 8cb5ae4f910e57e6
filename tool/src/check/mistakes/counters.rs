//! `rate` of what is no counter.

use promql_parser::parser::{Call, Expr, VectorSelector};

use crate::check::finding::Finding;
use crate::check::shape::bare;
use crate::check::vocabulary::{Kind, Vocabulary};
use crate::promql::selector::name;
use crate::promql::walk::{any, each};

/// Functions that take every fall of a value for a restart.
const OF_COUNTERS: [&str; 4] = ["rate", "irate", "increase", "resets"];

/// Whether a call is one of those.
pub(crate) fn is_rate(expression: &Expr) -> bool {
    matches!(expression, Expr::Call(call) if OF_COUNTERS.contains(&call.func.name))
}

pub(crate) fn misused(expression: &Expr, vocabulary: &Vocabulary) -> Vec<Finding> {
    let mut findings = Vec::new();
    each(expression, &mut |part, _| {
        if let Expr::Call(call) = part
            && is_rate(part)
        {
            findings.extend(of_call(call, vocabulary));
        }
    });
    findings
}

fn of_call(call: &Call, vocabulary: &Vocabulary) -> Option<Finding> {
    let function = call.func.name;
    match bare(call.args.args.first()?) {
        Expr::Subquery(subquery) if any(&subquery.expr, |part| matches!(part, Expr::Aggregate(_))) => {
            Some(Finding::new(function, of_sum(function)))
        }
        Expr::MatrixSelector(matrix) => of_series(function, &matrix.vs, vocabulary),
        _ => None,
    }
}

fn of_series(function: &str, selector: &VectorSelector, vocabulary: &Vocabulary) -> Option<Finding> {
    let name = name(selector)?;
    let recorded = vocabulary.recorded(name);
    if !recorded.is_empty() {
        let is_sum = recorded.iter().any(
            |it| matches!(bare(&it.expression), Expr::Aggregate(aggregate) if !any(&aggregate.expr, is_rate)),
        );
        let message = if is_sum {
            of_sum(function)
        } else {
            format!(
                "`{function}` of `{name}`, which is recorded and rises and falls: every fall would count as a restart; use `delta` or `deriv`"
            )
        };
        return Some(Finding::new(name, message));
    }
    (vocabulary.sample(name)?.kind == Kind::Gauge).then(|| {
        Finding::new(
            name,
            format!("`{function}` of the gauge `{name}` takes every fall for a restart, so that what drains looks busy; use `delta`, `deriv` or a function over time"),
        )
    })
}

fn of_sum(function: &str) -> String {
    format!(
        "`{function}` of a sum: where one of its processes restarts, the sum falls and the whole rest counts as new; sum the rates instead"
    )
}
