//! `UPDATE_EXPECT=1 cargo test -p tachograph names` writes the page of names anew.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::*;

fn page() -> String {
    let mut page = String::new();
    for Part { title, metrics } in parts() {
        let _ = write!(
            page,
            "\n# {title}\n\n| metric | type | unit | labels | meaning |\n|---|---|---|---|---|\n"
        );
        for Metric { name, kind, unit, labels, help } in *metrics {
            let labels: Vec<_> = labels.iter().map(|label| format!("`{}`", label.name)).collect();
            let (kind, unit, labels) = (kind.as_str(), unit.as_str(), labels.join(", "));
            let _ = writeln!(page, "| `{name}` | {kind} | {unit} | {labels} | {help} |");
        }
        page.push_str(&labels(metrics));
    }
    page
}

/// The labels of a part, each once; those that are called alike and are not, each with what it is of.
fn labels(metrics: &[&Metric]) -> String {
    let mut all: Vec<(&Label, Vec<&str>)> = Vec::new();
    for (metric, label) in
        metrics.iter().flat_map(|metric| metric.labels.iter().map(|label| (metric.name, label)))
    {
        match all.iter_mut().find(|(known, _)| *known == label) {
            Some((_, of)) => of.push(metric),
            None => all.push((label, vec![metric])),
        }
    }
    if all.is_empty() {
        return String::new();
    }
    let mut page = "\n| label | values |\n|---|---|\n".to_owned();
    for (label, of) in &all {
        let is_ambiguous = all.iter().filter(|(other, _)| other.name == label.name).count() > 1;
        let of = if is_ambiguous { format!(" of `{}`", of.join("`, `")) } else { String::new() };
        let _ = writeln!(page, "| `{}`{of} | {} |", label.name, values(label.values));
    }
    page
}

fn values(values: Values) -> String {
    match values {
        Values::Any(what) => what.to_owned(),
        Values::OneOf(values) => {
            let value = |value: &&str| {
                if value.is_empty() { "nothing".to_owned() } else { format!("`{value}`") }
            };
            values.iter().map(value).collect::<Vec<_>>().join(", ")
        }
    }
}

#[test]
fn the_page_of_names_is_that_of_the_code() {
    let (page, kept) = (page(), include_str!("names.md"));
    if page != kept && std::env::var_os("UPDATE_EXPECT").is_some_and(|value| value == "1") {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/names/names.md");
        std::fs::write(path, page).unwrap();
        return;
    }
    assert_eq!(page, kept, "UPDATE_EXPECT=1 brings the page up to date");
}

#[test]
fn names_are_spelled_as_prometheus_wants_them() {
    let mut seen = BTreeSet::new();
    for metric in all() {
        let Metric { name, kind, unit, .. } = metric;
        assert!(seen.insert(name), "{name} stands there twice");
        assert!(name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_')), "{name}");
        assert_eq!(name.ends_with("_total"), *kind == Kind::Counter, "{name}");
        let stem = name.trim_end_matches("_total");
        let ending = match unit {
            Unit::Count => "",
            Unit::Seconds => "_seconds",
            Unit::Bytes => "_bytes",
            Unit::BytesPerSecond => "_bytes_per_second",
            Unit::Info => "_info",
        };
        assert!(stem.ends_with(ending), "{name} does not end in its unit");
        assert!(metric.help.ends_with('.'), "{name}: a help is a sentence");
        let labels: BTreeSet<_> = metric.labels.iter().map(|label| label.name).collect();
        assert_eq!(labels.len(), metric.labels.len(), "{name} has a label twice");
    }
}
