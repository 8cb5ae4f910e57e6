//! What an expression asks for.

use promql_parser::label::{MatchOp, Matcher};
use promql_parser::parser::{self, Expr, VectorSelector};
use promql_parser::util::{ExprVisitor, walk_expr};

/// Parses an expression; the error says what is wrong with it.
pub(crate) fn parse(expression: &str) -> Result<Expr, String> {
    parser::parse(expression).map_err(|error| error.lines().collect::<Vec<_>>().join(" "))
}

/// Every selector in an expression.
pub(crate) fn selectors(expression: &Expr) -> Vec<VectorSelector> {
    struct Found(Vec<VectorSelector>);
    impl ExprVisitor for Found {
        type Error = std::convert::Infallible;
        fn pre_visit(&mut self, expression: &Expr) -> Result<bool, Self::Error> {
            match expression {
                Expr::VectorSelector(selector) => self.0.push(selector.clone()),
                Expr::MatrixSelector(matrix) => self.0.push(matrix.vs.clone()),
                _ => {}
            }
            Ok(true)
        }
    }
    let mut found = Found(Vec::new());
    let Ok(_) = walk_expr(&mut found, expression);
    found.0
}

/// The name of the metric that a selector asks for, also where it stands among the matchers.
pub(crate) fn name(selector: &VectorSelector) -> Option<&str> {
    let among = || matchers(selector).find(|it| it.name == "__name__" && it.op == MatchOp::Equal);
    selector.name.as_deref().or_else(|| among().map(|matcher| matcher.value.as_str()))
}

/// The matchers of a selector, whether they stand under an `or` or not.
pub(crate) fn matchers(selector: &VectorSelector) -> impl Iterator<Item = &Matcher> {
    let matchers = &selector.matchers;
    matchers.matchers.iter().chain(matchers.or_matchers.iter().flatten())
}

/// The values that a matcher names, as far as they are texts and no patterns.
pub(crate) fn values(matcher: &Matcher) -> Vec<&str> {
    let is_plain = |value: &&str| !value.contains(['.', '*', '+', '?', '[', '(', '\\', '^', '$', '{']);
    match &matcher.op {
        MatchOp::Equal | MatchOp::NotEqual => vec![&matcher.value],
        MatchOp::Re(_) | MatchOp::NotRe(_) => matcher.value.split('|').filter(is_plain).collect(),
    }
}

/// Whether a selector can find a series with these labels. A label that the series may get elsewhere is `None`.
pub(crate) fn finds<'a>(selector: &VectorSelector, label: impl Fn(&str) -> Option<&'a str>) -> bool {
    let matches = |matcher: &Matcher| {
        matcher.name == "__name__" || label(&matcher.name).is_none_or(|value| matcher.is_match(value))
    };
    selector.matchers.matchers.iter().all(matches)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_are_told_from_everything_else() {
        let names = |expression| {
            let found = selectors(&parse(expression).unwrap());
            found.iter().filter_map(name).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(names(r#"up{job="mirror"} == 0"#), "up");
        assert_eq!(names("sum by (job, component) (rate(calls_total[5m])) > 0"), "calls_total");
        assert_eq!(names("sum(a) by (b) / on (c) group_left () (d:e > 1e9) > bool inf"), "a d:e");
        assert_eq!(names(r#"a{x=~"}b",y='c'} offset 5m unless on (z) absent(d) # e"#), "a d");
        assert_eq!(names("max_over_time(a[1h:5m])"), "a");
        assert_eq!(names(r#"{__name__="a", b="c"}"#), "a");
        assert_eq!(names("vector(512 * 1024)"), "");
    }

    #[test]
    fn a_matcher_names_its_values() {
        let selectors = selectors(&parse(r#"a{b="c", d!="", e=~"f|g|h.*", i!~"j"}"#).unwrap());
        let named: Vec<_> = matchers(&selectors[0]).map(values).collect();
        assert_eq!(named, [vec!["c"], vec![""], vec!["f", "g"], vec!["j"]]);
    }
}
