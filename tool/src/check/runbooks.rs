//! Every alert has its page, and what the pages ask for is there.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::check::vocabulary::Vocabulary;
use crate::check::{mistakes, proof};
use crate::fault::Fault;
use crate::pack::{RuleFile, files};
use crate::promql::selector::parse;

const HEADINGS: [&str; 5] =
    ["## Meaning", "## Impact", "## How to look", "## How to mend", "## How to silence"];

/// What is wrong with the pages.
pub(crate) fn faults(alerts: &Path, rules: &[RuleFile], vocabulary: &Vocabulary) -> Vec<Fault> {
    let folder = alerts.join("runbooks");
    let mut faults = Vec::new();
    let mut wanted = BTreeSet::new();
    for (file, rule) in rules.iter().flat_map(|file| file.rules.iter().map(move |rule| (file, rule))) {
        let (Some(alert), Some(url)) =
            (rule.alert(), rule.node.get("annotations").and_then(|it| it.get("runbook_url")))
        else {
            continue;
        };
        let page = folder.join(format!("{alert}.md"));
        wanted.insert(page.clone());
        if !url.as_str().is_some_and(|url| url.ends_with(&format!("/{alert}.md"))) {
            faults.push(Fault::at(
                &file.path,
                url.line,
                format!("the runbook of {alert} is to end in `/{alert}.md`"),
            ));
        }
        if !page.is_file() {
            faults.push(Fault::at(
                &file.path,
                url.line,
                format!("there is no page {}: whoever {alert} wakes is to find what to do", page.display()),
            ));
        }
    }
    match files(&folder, "md") {
        Err(fault) => faults.push(fault),
        Ok(pages) => {
            for page in pages {
                if !wanted.contains(&page) {
                    faults.push(Fault::of(&page, "is of no alert: name it after one, or take it out"));
                }
                faults.extend(of_page(&page, vocabulary));
            }
        }
    }
    faults
}

fn of_page(path: &Path, vocabulary: &Vocabulary) -> Vec<Fault> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => return vec![Fault::of(path, format!("cannot be read: {error}"))],
    };
    let missing = HEADINGS.iter().filter(|heading| !text.lines().any(|line| line.trim_end() == **heading));
    let mut faults: Vec<Fault> =
        missing.map(|heading| Fault::of(path, format!("has no heading `{heading}`"))).collect();
    for (line, query) in queries(&text) {
        match parse(&query) {
            Err(error) => faults.push(Fault::at(path, line, format!("is no PromQL: {error}"))),
            Ok(expression) => {
                let mut findings = proof::unknown_names(&expression, vocabulary);
                findings.extend(mistakes::of_any(&expression, vocabulary));
                faults.extend(findings.into_iter().map(|finding| finding.at(path, line, &query)));
            }
        }
    }
    faults
}

/// What stands in fences of PromQL, with its line: several queries in one are set apart by empty lines.
fn queries(text: &str) -> Vec<(usize, String)> {
    let mut queries: Vec<(usize, String)> = Vec::new();
    let (mut is_inside, mut is_new) = (false, true);
    for (at, line) in text.lines().enumerate() {
        let trimmed = line.trim();
        if trimmed.starts_with("```") {
            (is_inside, is_new) = (!is_inside && trimmed == "```promql", true);
        } else if is_inside && trimmed.is_empty() {
            is_new = true;
        } else if is_inside {
            match queries.last_mut().filter(|_| !is_new) {
                Some((_, query)) => {
                    query.push('\n');
                    query.push_str(line);
                }
                None => queries.push((at + 1, line.to_owned())),
            }
            is_new = false;
        }
    }
    // A comment alone asks for nothing.
    queries.retain(|(_, query)| query.lines().any(|line| !line.trim_start().starts_with('#')));
    queries
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_stand_in_fences_of_promql_alone() {
        let text = "# A\n```sh\nls\n```\n```promql\nup\n== 0\n\n# why\nup\n```\nup\n";
        assert_eq!(queries(text), [(6, "up\n== 0".to_owned()), (9, "# why\nup".to_owned())]);
    }
}
