//! A walk through an expression that knows what each part stands in.

use promql_parser::parser::Expr;

/// Visits every part, with what it is in, the outermost first.
pub(crate) fn each<'a>(expression: &'a Expr, visit: &mut impl FnMut(&'a Expr, &[&'a Expr])) {
    step(expression, &mut Vec::new(), visit);
}

/// Whether any part of an expression is so, itself among them.
pub(crate) fn any(expression: &Expr, is_so: impl Fn(&Expr) -> bool) -> bool {
    let mut found = false;
    each(expression, &mut |part, _| found |= is_so(part));
    found
}

fn step<'a>(expression: &'a Expr, around: &mut Vec<&'a Expr>, visit: &mut impl FnMut(&'a Expr, &[&'a Expr])) {
    visit(expression, around);
    around.push(expression);
    for part in parts(expression) {
        step(part, around, visit);
    }
    around.pop();
}

/// What an expression is made of.
fn parts(expression: &Expr) -> Vec<&Expr> {
    match expression {
        Expr::Aggregate(aggregate) => {
            aggregate.param.iter().chain([&aggregate.expr]).map(|part| &**part).collect()
        }
        Expr::Unary(unary) => vec![&unary.expr],
        Expr::Binary(binary) => vec![&binary.lhs, &binary.rhs],
        Expr::Paren(paren) => vec![&paren.expr],
        Expr::Subquery(subquery) => vec![&subquery.expr],
        Expr::Call(call) => call.args.args.iter().map(|argument| &**argument).collect(),
        _ => Vec::new(),
    }
}
