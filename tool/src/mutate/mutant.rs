//! Rules with one mistake in each.

use crate::mutate::mutation::{mutations, of_duration};
use crate::pack::Rule;
use crate::promql::duration::milliseconds;
use crate::promql::selector::parse;
use crate::yaml::Node;

/// A rule with one mistake.
#[derive(Debug, Clone)]
pub(crate) struct Mutant {
    /// Its line in the file.
    pub(crate) line: usize,
    /// What was changed into what; no other mutant of the rule has the same.
    pub(crate) change: String,
    /// The rule as it now is.
    pub(crate) node: Node,
}

/// All mutants of a rule.
pub(crate) fn mutants(rule: &Rule) -> Vec<Mutant> {
    let mut all = of_expression(rule);
    all.extend(["for", "keep_firing_for"].into_iter().flat_map(|key| of_waiting(rule, key)));
    all.extend(without_labels(rule));
    tell_apart(&mut all);
    all
}

fn of_expression(rule: &Rule) -> Vec<Mutant> {
    let Some(expression) = rule.expression() else { return Vec::new() };
    let mutant = |mutation: crate::mutate::mutation::Mutation| {
        let changed = mutation.applied(expression);
        // What Prometheus would not load is no mistake that could go unnoticed.
        parse(&changed).ok()?;
        let line = rule.line() + expression[..mutation.at.start].matches('\n').count();
        let from = short(&expression[mutation.at.clone()]);
        let change = if mutation.to.is_empty() {
            format!("without `{from}`")
        } else {
            format!("`{from}` → `{}`", mutation.to)
        };
        Some(Mutant { line, change, node: with(&rule.node, "expr", Node::text(&changed)) })
    };
    mutations(expression).into_iter().filter_map(mutant).collect()
}

fn of_waiting(rule: &Rule, key: &str) -> Vec<Mutant> {
    let Some(value) = rule.node.get(key) else { return Vec::new() };
    let text = value.as_str().unwrap_or_default();
    let mutant = |to: &str| Mutant {
        line: value.line,
        change: format!("{key}: `{text}` → `{to}`"),
        node: with(&rule.node, key, Node::text(to)),
    };
    match milliseconds(text) {
        None => Vec::new(),
        Some(0) => vec![mutant("1m")],
        Some(_) => of_duration(text).iter().map(String::as_str).chain(["0s"]).map(mutant).collect(),
    }
}

fn without_labels(rule: &Rule) -> Vec<Mutant> {
    let Some(labels) = rule.node.get("labels") else { return Vec::new() };
    let mutant = |(label, value): (&str, &Node)| {
        let mut left = labels.clone();
        left.remove(label);
        let change = format!("without the label `{label}`");
        Mutant { line: value.line, change, node: with(&rule.node, "labels", left) }
    };
    labels.entries().map(mutant).collect()
}

fn with(node: &Node, key: &str, value: Node) -> Node {
    let mut node = node.clone();
    node.set(key, value);
    node
}

/// Numbers those that read alike.
fn tell_apart(mutants: &mut [Mutant]) {
    for position in (1..mutants.len()).rev() {
        let change = mutants[position].change.clone();
        let before = mutants[..position].iter().filter(|mutant| mutant.change == change).count();
        if before > 0 {
            mutants[position].change = format!("{change} ({})", before + 1);
        }
    }
}

/// On one line, and no longer than one can read.
fn short(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let words = words.trim_end_matches(',').to_owned();
    match words.char_indices().nth(72) {
        Some((end, _)) => format!("{}…", &words[..end]),
        None => words,
    }
}
