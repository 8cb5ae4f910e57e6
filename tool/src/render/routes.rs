//! Routes and inhibitions: they name receivers and severities that there are.

use std::collections::BTreeSet;
use std::path::Path;

use crate::fault::Fault;
use crate::yaml::Node;

const SEVERITIES: [&str; 3] = ["critical", "warning", "info"];

/// Checks the whole configuration.
pub(crate) fn check(path: &Path, config: &Node, faults: &mut Vec<Fault>) {
    let receivers: BTreeSet<&str> =
        config.list("receivers").iter().filter_map(|receiver| receiver.str("name")).collect();
    let mut checked = Checked { path, receivers, faults };
    match config.get("route") {
        Some(route) => {
            if route.get("receiver").is_none() {
                checked.fault(route, "the first route has no receiver, so alerts may be lost");
            }
            checked.route(route);
        }
        None => checked.faults.push(Fault::of(path, "has no `route`")),
    }
    for rule in config.list("inhibit_rules") {
        checked.inhibition(rule);
    }
    for receiver in config.list("receivers") {
        checked.tokens(receiver);
    }
}

struct Checked<'config> {
    path: &'config Path,
    receivers: BTreeSet<&'config str>,
    faults: &'config mut Vec<Fault>,
}

impl Checked<'_> {
    fn route(&mut self, route: &Node) {
        if let Some(receiver) = route.get("receiver")
            && let Some(name) = receiver.as_str()
            && !self.receivers.contains(name)
        {
            let known: Vec<_> = self.receivers.iter().copied().collect();
            let message = format!("a route names the receiver `{name}`, but there are {}", known.join(", "));
            self.fault(receiver, message);
        }
        self.severities(route, "matchers", ["match", "match_re"]);
        for below in route.list("routes") {
            self.route(below);
        }
    }

    fn inhibition(&mut self, rule: &Node) {
        self.severities(rule, "source_matchers", ["source_match", "source_match_re"]);
        self.severities(rule, "target_matchers", ["target_match", "target_match_re"]);
        if rule.list("equal").is_empty() {
            self.fault(rule, "an inhibition without `equal` silences what has nothing to do with its source");
        }
    }

    fn severities(&mut self, node: &Node, list: &str, maps: [&str; 2]) {
        for item in node.list(list).iter().chain(node.get(list)) {
            for matcher in item.as_str().into_iter().flat_map(matchers) {
                self.severity(item, matcher);
            }
        }
        for (name, value) in maps.into_iter().filter_map(|key| node.get(key)).flat_map(Node::entries) {
            self.severity(value, (name, value.as_str().unwrap_or_default()));
        }
    }

    fn severity(&mut self, node: &Node, (name, values): (&str, &str)) {
        let is_pattern = |value: &&str| value.contains(['.', '*', '+', '?', '[', '(', '^', '$']);
        let unknown = |value: &&str| !value.is_empty() && !SEVERITIES.contains(value) && !is_pattern(value);
        for value in values.split('|').filter(unknown).filter(|_| name == "severity") {
            let message = format!("unknown severity `{value}`; rules have {}", SEVERITIES.join(", "));
            self.fault(node, message);
        }
    }

    /// A token in the configuration is one that Alertmanager shows.
    fn tokens(&mut self, receiver: &Node) {
        for config in receiver.list("telegram_configs") {
            if let Some(token) = config.get("bot_token") {
                self.fault(token, "a token stands in the configuration; use `bot_token_file`");
            }
        }
    }

    fn fault(&mut self, node: &Node, message: impl Into<String>) {
        self.faults.push(Fault::at(self.path, node.line, message));
    }
}

/// Label and values of each matcher in a text such as `severity=~"warning|info"` or `{a="b", c!="d"}`.
fn matchers(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let inside = text.trim().trim_start_matches('{').trim_end_matches('}');
    inside.split(',').filter_map(|matcher| {
        let (name, value) = matcher.split_once(['=', '!'])?;
        let value = value.trim_start_matches(['=', '~']).trim();
        Some((name.trim().trim_matches('"'), value.trim_matches('"')))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matchers_are_read_however_they_are_written() {
        let read = |text| matchers(text).collect::<Vec<_>>();
        assert_eq!(read("severity=\"critical\""), [("severity", "critical")]);
        assert_eq!(read("severity = critical"), [("severity", "critical")]);
        assert_eq!(read("severity=~\"warning|info\""), [("severity", "warning|info")]);
        assert_eq!(read("{a!~\"b\", severity!=\"c\"}"), [("a", "b"), ("severity", "c")]);
    }
}
