//! What an expression asks for.

use promql_parser::label::{MatchOp, Matcher};
use promql_parser::parser::{self, Expr, VectorSelector};
use promql_parser::util::{ExprVisitor, walk_expr};

/// Every selector in an expression.
pub(crate) fn selectors(expression: &str) -> Vec<VectorSelector> {
    struct Found(Vec<VectorSelector>);
    impl ExprVisitor for Found {
        type Error = ();
        fn pre_visit(&mut self, expression: &Expr) -> Result<bool, ()> {
            match expression {
                Expr::VectorSelector(selector) => self.0.push(selector.clone()),
                Expr::MatrixSelector(matrix) => self.0.push(matrix.vs.clone()),
                _ => {}
            }
            Ok(true)
        }
    }
    let parsed =
        parser::parse(expression).unwrap_or_else(|error| panic!("{expression} is no PromQL: {error}"));
    let mut found = Found(Vec::new());
    walk_expr(&mut found, &parsed).expect("nothing here fails");
    found.0
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

#[test]
fn selectors_are_told_from_everything_else() {
    let names = |expression| {
        let names = selectors(expression).into_iter().filter_map(|selector| selector.name);
        names.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(names(r#"up{job="mirror"} == 0"#), "up");
    assert_eq!(names("sum by (job, component) (rate(calls_total[5m])) > 0"), "calls_total");
    assert_eq!(names("sum(a) by (b) / on (c) group_left () (d:e > 1e9) > bool inf"), "a d:e");
    assert_eq!(names(r#"a{x=~"}b",y='c'} offset 5m unless on (z) absent(d) # e"#), "a d");
    assert_eq!(names("max_over_time(a[1h:5m])"), "a");
    assert_eq!(names("vector(512 * 1024)"), "");
}

#[test]
fn a_matcher_names_its_values() {
    let selectors = selectors(r#"a{b="c", d!="", e=~"f|g|h.*", i!~"j"}"#);
    let named: Vec<_> = matchers(&selectors[0]).map(values).collect();
    assert_eq!(named, [vec!["c"], vec![""], vec!["f", "g"], vec!["j"]]);
}
