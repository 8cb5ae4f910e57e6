//! The metric names in an expression.

use std::collections::BTreeSet;

/// What may follow an operator or an aggregation without being a metric.
const WORDS: [&str; 9] = ["and", "or", "unless", "bool", "offset", "inf", "nan", "start", "end"];
/// What is followed by a list of labels.
const LABEL_LISTS: [&str; 6] = ["by", "without", "on", "ignoring", "group_left", "group_right"];

/// Every metric that the expression selects by its name.
pub(crate) fn metric_names(expression: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut rest = expression;
    while let Some(first) = rest.chars().next() {
        rest = match first {
            '"' | '\'' | '`' => after(&rest[1..], first),
            '{' => after_matchers(&rest[1..]),
            '[' => after(rest, ']'),
            '#' => after(rest, '\n'),
            _ if first.is_ascii_digit() => {
                rest.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '.')
            }
            _ if is_name(first) => {
                let end = rest.find(|character| !is_name(character)).unwrap_or(rest.len());
                let (name, following) = rest.split_at(end);
                let opens = following.trim_start().starts_with('(');
                if LABEL_LISTS.contains(&name) && opens {
                    after(following, ')')
                } else {
                    if !opens
                        && !WORDS.contains(&name)
                        && !LABEL_LISTS.contains(&name)
                        && !is_aggregation(name)
                    {
                        names.insert(name.to_owned());
                    }
                    following
                }
            }
            _ => &rest[first.len_utf8()..],
        };
    }
    names
}

/// `sum by (…) (…)`: the parenthesis comes later.
fn is_aggregation(name: &str) -> bool {
    matches!(
        name,
        "sum"
            | "min"
            | "max"
            | "avg"
            | "group"
            | "stddev"
            | "stdvar"
            | "count"
            | "count_values"
            | "bottomk"
            | "topk"
            | "quantile"
    )
}

fn is_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | ':')
}

fn after(text: &str, end: char) -> &str {
    text.find(end).map_or("", |position| &text[position + end.len_utf8()..])
}

/// The text behind `{…}`, in whose strings a brace means nothing.
fn after_matchers(mut text: &str) -> &str {
    while let Some(position) = text.find(['"', '\'', '`', '}']) {
        let found = text.as_bytes()[position];
        text = &text[position + 1..];
        if found == b'}' {
            return text;
        }
        text = after(text, char::from(found));
    }
    ""
}

#[test]
fn names_are_told_from_everything_else() {
    let names = |expression| metric_names(expression).into_iter().collect::<Vec<_>>().join(" ");
    assert_eq!(names(r#"up{job="mirror"} == 0"#), "up");
    assert_eq!(names("sum by (job, component) (rate(calls_total[5m])) > 0"), "calls_total");
    assert_eq!(names("sum(a) by (b) / on (c) group_left () (d:e > 1e9) > bool inf"), "a d:e");
    assert_eq!(names(r#"a{x=~"}b",y='c'} offset 5m unless on (z) absent(d) # e"#), "a d");
    assert_eq!(names("vector(512 * 1024)"), "");
}
