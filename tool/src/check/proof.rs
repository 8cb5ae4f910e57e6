//! Every name in an expression is one that somebody emits.

use promql_parser::label::Matcher;
use promql_parser::parser::{Expr, LabelModifier, VectorSelector};

use crate::check::finding::Finding;
use crate::check::shape::{Shape, is_vector};
use crate::check::vocabulary::{OF_A_SCRAPE, Vocabulary};
use crate::promql::selector::{matchers, name, selectors, values};
use crate::promql::walk::each;

/// What in an expression nobody emits.
pub(crate) fn unknown_names(expression: &Expr, vocabulary: &Vocabulary) -> Vec<Finding> {
    let mut findings: Vec<Finding> =
        selectors(expression).iter().flat_map(|selector| of_selector(selector, vocabulary)).collect();
    each(expression, &mut |part, _| match part {
        Expr::Aggregate(aggregate) => {
            if let Some(LabelModifier::Include(by)) = &aggregate.modifier {
                let shape = vocabulary.shape(&aggregate.expr);
                findings.extend(missing(&by.labels, &shape, "by", "groups what is not there"));
            }
        }
        Expr::Binary(binary) if is_vector(&binary.lhs) && is_vector(&binary.rhs) => {
            let matching = binary.modifier.as_ref().and_then(|modifier| modifier.matching.as_ref());
            if let Some(LabelModifier::Include(on)) = matching {
                for side in [&binary.lhs, &binary.rhs] {
                    findings.extend(missing(
                        &on.labels,
                        &vocabulary.shape(side),
                        "on",
                        "matches what is not there",
                    ));
                }
            }
        }
        _ => {}
    });
    findings.sort();
    findings.dedup();
    findings
}

/// What in a series that a test makes up could not come from anybody. A series may have more labels than rules can count on:
/// those of another generation of an exporter, and the run-time labels of a function.
pub(crate) fn impossible_series(series: &Expr, vocabulary: &Vocabulary) -> Vec<Finding> {
    let is_open = |selector: &VectorSelector| {
        let Some(name) = name(selector) else { return false };
        let metric = vocabulary.sample(name).map(|sample| sample.metric);
        let is_foreign = metric.is_some_and(|metric| metric.is_none());
        is_foreign || name.starts_with("function_") || !vocabulary.recorded(name).is_empty()
    };
    let selectors = selectors(series);
    selectors
        .iter()
        .flat_map(|selector| {
            let findings = of_selector(selector, vocabulary);
            if is_open(selector) {
                findings.into_iter().filter(|it| !it.is_about_labels()).collect()
            } else {
                findings
            }
        })
        .collect()
}

fn missing(labels: &[String], shape: &Shape, word: &str, what: &str) -> Vec<Finding> {
    let Some(known) = &shape.labels else { return Vec::new() };
    let finding = |label: &String| {
        let has = known.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        Finding::new(
            label,
            format!("`{word} ({label})` {what}: the series have the labels ({has}) alone; take it out"),
        )
    };
    labels.iter().filter(|label| !known.contains(*label)).map(finding).collect()
}

fn of_selector(selector: &VectorSelector, vocabulary: &Vocabulary) -> Vec<Finding> {
    let Some(name) = name(selector) else {
        let message = "a selector without the name of a metric asks for everything; name one";
        return vec![Finding::new("{", message)];
    };
    if !vocabulary.recorded(name).is_empty() {
        let is_found = vocabulary.found(selector).next().is_some();
        let message = format!("no rule records `{name}` with these labels: {}", shown(selector));
        return if is_found { Vec::new() } else { vec![Finding::about_labels(name, message)] };
    }
    let Some(sample) = vocabulary.sample(name) else {
        return vec![Finding::new(name, vocabulary.is_missing(name))];
    };
    let mut findings = Vec::new();
    for matcher in matchers(selector).filter(|matcher| !is_of_any(&matcher.name)) {
        if name.starts_with("ALERTS") {
            continue;
        }
        if !sample.labels.contains(&matcher.name) {
            let has = sample.labels.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
            let message = format!("`{name}` has no label `{}`; it has ({has})", matcher.name);
            findings.push(Finding::about_labels(&matcher.name, message));
        } else if let Some(label) = sample.metric.and_then(|metric| metric.label(&matcher.name)) {
            let unknown = values(matcher).into_iter().filter(|value| !label.values.contains(value));
            findings.extend(unknown.map(|value| unknown_value(name, matcher, value, label)));
        }
    }
    findings
}

fn unknown_value(name: &str, matcher: &Matcher, value: &str, label: &tachograph::names::Label) -> Finding {
    let known = match label.values {
        tachograph::names::Values::OneOf(values) => values.join("`, `"),
        tachograph::names::Values::Any(_) => String::new(),
    };
    Finding::new(value, format!("`{name}` never has {}=\"{value}\"; it is one of `{known}`", matcher.name))
}

fn is_of_any(label: &str) -> bool {
    label == "__name__" || OF_A_SCRAPE.contains(&label)
}

fn shown(selector: &VectorSelector) -> String {
    matchers(selector).map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
