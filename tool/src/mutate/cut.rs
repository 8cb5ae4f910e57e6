//! What is left of rules and tests where only one rule is in question: what it needs, and what sees it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::pack::{Rule, RuleFile, TestFile};
use crate::promql::selector::{parse, selectors};
use crate::yaml::Node;

/// A rule by its file and its place there.
type Id = (usize, (usize, usize));

/// A file of tests with what in it can tell whether a rule was changed.
#[derive(Debug)]
pub(crate) struct Cut {
    tests: Node,
    rules: Vec<(PathBuf, Node)>,
    /// The file that has the rule among `rules`, and the place of the rule in it.
    changed: Option<(usize, (usize, usize))>,
}

impl Cut {
    /// Cuts what belongs to a rule out of a file of tests; none where no test sees the rule.
    pub(crate) fn of(tests: &TestFile, files: &[RuleFile], file: usize, rule: &Rule) -> Option<Self> {
        let loaded: BTreeSet<PathBuf> =
            tests.rule_files().filter_map(|(path, _)| path.canonicalize().ok()).collect();
        let is_loaded =
            |file: &&(usize, &RuleFile)| file.1.path.canonicalize().is_ok_and(|path| loaded.contains(&path));
        let files: Vec<(usize, &RuleFile)> =
            files.iter().enumerate().collect::<Vec<_>>().iter().filter(is_loaded).copied().collect();
        let rules: Vec<(Id, &Rule)> = files
            .iter()
            .flat_map(|(at, file)| file.rules.iter().map(|rule| ((*at, rule.place), rule)))
            .collect();
        let id = (file, rule.place);
        let (_, itself) = rules.iter().find(|(it, _)| *it == id)?;
        let affected = closure(&rules, vec![(id, itself)], |(_, seen), other| other.depends_on(seen));
        let groups: Vec<(Node, Vec<(Id, &Rule)>)> =
            tests.node.list("tests").iter().filter_map(|group| cut_group(group, &rules, &affected)).collect();
        if groups.is_empty() {
            return None;
        }
        let seen = groups.iter().flat_map(|(_, seen)| seen.iter().copied()).collect();
        let needed = closure(&rules, seen, |(its, needs), other| {
            // A mistake may be in its matchers, and then it finds more.
            if its == id { needs.depends_on_name_of(other) } else { needs.depends_on(other) }
        });
        let needed: BTreeSet<Id> = needed.into_iter().map(|(id, _)| id).collect();
        let cut: Vec<_> =
            files.iter().map(|(at, file)| (file.path.clone(), cut_rules(*at, file, &needed))).collect();
        let position = files.iter().position(|(at, _)| *at == file)?;
        let nth = needed.iter().filter(|(at, (group, rule_at))| {
            *at == file && *group == rule.place.0 && *rule_at < rule.place.1
        });
        let changed = needed.contains(&id).then(|| (position, (rule.place.0, nth.count())));
        let mut node = tests.node.clone();
        node.set("tests", Node::sequence(groups.into_iter().map(|(group, _)| group).collect()));
        Some(Self { tests: node, rules: cut, changed })
    }

    /// Writes it with another text for the rule, and gives the file of tests.
    pub(crate) fn write(&self, folder: &Path, mutant: Option<&Node>) -> std::io::Result<PathBuf> {
        let mut names = Vec::new();
        for (position, (_, node)) in self.rules.iter().enumerate() {
            let mut node = node.clone();
            if let (Some((file, place)), Some(mutant)) = (self.changed, mutant)
                && file == position
            {
                node = with_rule(&node, place, mutant);
            }
            let name = format!("rules-{position}.yml");
            write(&folder.join(&name), &node)?;
            names.push(Node::text(&name));
        }
        let mut tests = self.tests.clone();
        tests.set("rule_files", Node::sequence(names));
        let path = folder.join("tests.yml");
        write(&path, &tests)?;
        Ok(path)
    }
}

fn write(path: &Path, node: &Node) -> std::io::Result<()> {
    let mut text = String::new();
    node.write(&mut text);
    std::fs::write(path, text)
}

/// These rules, those that they lead to, those that those lead to.
fn closure<'a>(
    rules: &[(Id, &'a Rule)],
    first: Vec<(Id, &'a Rule)>,
    leads_to: impl Fn((Id, &Rule), &Rule) -> bool,
) -> Vec<(Id, &'a Rule)> {
    let mut found = first;
    let mut position = 0;
    while position < found.len() {
        let rule = found[position];
        for (id, other) in rules {
            if leads_to(rule, other) && !found.iter().any(|(known, _)| known == id) {
                found.push((*id, other));
            }
        }
        position += 1;
    }
    found
}

/// A group of tests with only the cases that see one of the rules, and which rules those see.
fn cut_group<'a>(
    group: &Node,
    rules: &[(Id, &'a Rule)],
    affected: &[(Id, &'a Rule)],
) -> Option<(Node, Vec<(Id, &'a Rule)>)> {
    let mut seen = Vec::new();
    let alerts: Vec<Node> = group
        .list("alert_rule_test")
        .iter()
        .filter(|case| {
            sees(rules, affected, &mut seen, |rule| {
                rule.alert().is_some() && rule.alert() == case.str("alertname")
            })
        })
        .cloned()
        .collect();
    let expressions: Vec<Node> = group
        .list("promql_expr_test")
        .iter()
        .filter(|case| {
            let asked =
                case.str("expr").and_then(|it| parse(it).ok()).map(|it| selectors(&it)).unwrap_or_default();
            sees(rules, affected, &mut seen, |rule| asked.iter().any(|selector| rule.gives(selector)))
        })
        .cloned()
        .collect();
    if alerts.is_empty() && expressions.is_empty() {
        return None;
    }
    let mut cut = group.clone();
    cut.set("alert_rule_test", Node::sequence(alerts));
    cut.set("promql_expr_test", Node::sequence(expressions));
    Some((cut, seen))
}

/// Whether a case sees one of the affected rules; then it needs all the rules that it sees.
fn sees<'a>(
    rules: &[(Id, &'a Rule)],
    affected: &[(Id, &'a Rule)],
    seen: &mut Vec<(Id, &'a Rule)>,
    is_seen: impl Fn(&Rule) -> bool,
) -> bool {
    let is_concerned = affected.iter().any(|(_, rule)| is_seen(rule));
    if is_concerned {
        seen.extend(rules.iter().filter(|(_, rule)| is_seen(rule)));
    }
    is_concerned
}

fn cut_rules(file: usize, content: &RuleFile, needed: &BTreeSet<Id>) -> Node {
    let of_group = |(at, group): (usize, &Node)| {
        let rules = group.list("rules").iter().enumerate();
        let kept = rules.filter(|(position, _)| needed.contains(&(file, (at, *position))));
        let mut group = group.clone();
        group.set("rules", Node::sequence(kept.map(|(_, rule)| rule.clone()).collect()));
        group
    };
    let mut node = content.node.clone();
    node.set(
        "groups",
        Node::sequence(content.node.list("groups").iter().enumerate().map(of_group).collect()),
    );
    node
}

fn with_rule(file: &Node, (group, position): (usize, usize), mutant: &Node) -> Node {
    let mut groups = file.list("groups").to_vec();
    let mut rules = groups[group].list("rules").to_vec();
    rules[position] = mutant.clone();
    groups[group].set("rules", Node::sequence(rules));
    let mut file = file.clone();
    file.set("groups", Node::sequence(groups));
    file
}
