//! The rules.

use std::path::{Path, PathBuf};

use promql_parser::parser::VectorSelector;

use crate::fault::Fault;
use crate::pack::{files, folder};
use crate::promql::selector::{finds, name, parse, selectors};
use crate::yaml::Node;

/// A file of rules.
#[derive(Debug, Clone)]
pub(crate) struct RuleFile {
    pub(crate) path: PathBuf,
    pub(crate) node: Node,
    pub(crate) rules: Vec<Rule>,
}

/// One rule.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    /// Which group of its file it is in, and which rule of that it is.
    pub(crate) place: (usize, usize),
    pub(crate) node: Node,
    /// What its expression and its messages ask for, as far as that is PromQL.
    pub(crate) asks: Vec<VectorSelector>,
}

impl RuleFile {
    /// All files of the pack.
    pub(crate) fn all(alerts: &Path) -> Result<Vec<Self>, Vec<Fault>> {
        let paths = folder(alerts, "rules").and_then(|rules| files(&rules, "yml")).map_err(|it| vec![it])?;
        let (mut read, mut faults) = (Vec::new(), Vec::new());
        for path in paths {
            match Self::read(&path) {
                Ok(file) => read.push(file),
                Err(fault) => faults.push(fault),
            }
        }
        if faults.is_empty() { Ok(read) } else { Err(faults) }
    }

    /// Reads a file.
    pub(crate) fn read(path: &Path) -> Result<Self, Fault> {
        let node = Node::read(path)?;
        if node.get("groups").is_none() {
            return Err(Fault::of(path, "is no file of rules: it has no `groups`"));
        }
        let mut rules = Vec::new();
        for (group, content) in node.list("groups").iter().enumerate() {
            let of_group = content.list("rules").iter().enumerate();
            rules.extend(of_group.map(|(position, node)| Rule::new((group, position), node.clone())));
        }
        Ok(Self { path: path.to_owned(), node, rules })
    }

    /// The name without the folder.
    pub(crate) fn name(&self) -> String {
        self.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }
}

impl Rule {
    fn new(place: (usize, usize), node: Node) -> Self {
        let mut rule = Self { place, node, asks: Vec::new() };
        let expressions = rule.expression().map(str::to_owned).into_iter().chain(rule.queries());
        rule.asks = expressions.filter_map(|it| parse(&it).ok()).flat_map(|it| selectors(&it)).collect();
        rule
    }

    /// The name of the alert, if it is one.
    pub(crate) fn alert(&self) -> Option<&str> {
        self.node.str("alert")
    }

    /// The series that it records, if it does.
    pub(crate) fn record(&self) -> Option<&str> {
        self.node.str("record")
    }

    /// What tells it from the other rules of its file, but for those that record the same series.
    pub(crate) fn name(&self) -> String {
        let name = self.alert().or_else(|| self.record()).unwrap_or("a rule without a name");
        let labels = self.record().and_then(|_| self.node.get("labels"));
        let labels: Vec<_> = labels
            .iter()
            .flat_map(|labels| labels.entries())
            .map(|(label, value)| format!("{label}={}", value.as_str().unwrap_or("")))
            .collect();
        if labels.is_empty() { name.to_owned() } else { format!("{name}{{{}}}", labels.join(",")) }
    }

    pub(crate) fn expression(&self) -> Option<&str> {
        self.node.str("expr")
    }

    /// The line of its expression.
    pub(crate) fn line(&self) -> usize {
        self.node.get("expr").map_or(self.node.line, |expression| expression.line)
    }

    /// A label that it gives to all of its series; none where a template or the expression decides.
    pub(crate) fn label(&self, label: &str) -> Option<&str> {
        let of_alert = self.alert().filter(|_| label == "alertname");
        let given = || self.node.get("labels")?.str(label).filter(|value| !value.contains("{{"));
        of_alert.or_else(given)
    }

    /// The queries in its labels and annotations.
    fn queries(&self) -> Vec<String> {
        let texts = ["labels", "annotations"].into_iter().filter_map(|part| self.node.get(part));
        texts
            .flat_map(|part| part.entries())
            .filter_map(|(_, text)| text.as_str())
            .flat_map(queries)
            .collect()
    }

    /// Whether what the other one gives is asked for by this one.
    pub(crate) fn depends_on(&self, other: &Self) -> bool {
        self.asks.iter().any(|selector| other.gives(selector))
    }

    /// The same, where matchers may be another's.
    pub(crate) fn depends_on_name_of(&self, other: &Self) -> bool {
        self.asks.iter().any(|selector| other.is_named_by(selector))
    }

    /// Whether all that it asks about a series is whether there is one.
    pub(crate) fn asks_whether_absent(&self, selector: &VectorSelector) -> bool {
        self.expression()
            .is_some_and(|it| name(selector).is_some_and(|name| it.contains(&format!("absent({name})"))))
    }

    /// Whether a selector may find what it records or says.
    pub(crate) fn gives(&self, selector: &VectorSelector) -> bool {
        self.is_named_by(selector) && finds(selector, |label| self.label(label))
    }

    fn is_named_by(&self, selector: &VectorSelector) -> bool {
        match name(selector) {
            Some("ALERTS" | "ALERTS_FOR_STATE") => self.alert().is_some(),
            name => name.is_some() && self.record() == name,
        }
    }
}

/// The queries in a template: what stands quoted behind `query`.
pub(crate) fn queries(template: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = template;
    while let Some((_, behind)) = rest.split_once("query ") {
        rest = behind;
        let mut characters = behind.chars();
        let Some(quote @ ('"' | '`')) = characters.next() else { continue };
        let (mut query, mut is_escaped) = (String::new(), false);
        for character in characters {
            match character {
                it if is_escaped => {
                    query.push(it);
                    is_escaped = false;
                }
                '\\' if quote == '"' => is_escaped = true,
                it if it == quote => break,
                it => query.push(it),
            }
        }
        found.push(query);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(text: &str) -> Rule {
        Rule::new((0, 0), Node::parse(text, Path::new("a.yml")).unwrap())
    }

    #[test]
    fn a_template_has_its_queries() {
        let template = r#"{{ range query "a{b='c'}" }}{{ .Value }}{{ end }} {{ query "d{e=\"f\"}" | first }} {{ query `g` }}"#;
        assert_eq!(queries(template), ["a{b='c'}", r#"d{e="f"}"#, "g"]);
    }

    #[test]
    fn a_rule_depends_on_what_it_asks_for() {
        let alert =
            rule("{alert: A, expr: 'x > on () t{alert=\"A\"}', annotations: {d: '{{ query \"u\" }}'}}");
        assert!(alert.depends_on(&rule("{record: t, labels: {alert: A}, expr: vector(1)}")));
        assert!(alert.depends_on(&rule("{record: u, expr: vector(1)}")));
        assert!(!alert.depends_on(&rule("{record: t, labels: {alert: B}, expr: vector(1)}")));
        assert!(rule("{record: n, expr: 'count(ALERTS{alertname=~\"A|B\"})'}").depends_on(&alert));
        assert!(!rule("{record: n, expr: 'count(ALERTS{alertname=\"B\"})'}").depends_on(&alert));
    }
}
