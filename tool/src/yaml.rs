//! YAML that knows on which line each of its values stands.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use yaml_rust2::Event;
use yaml_rust2::parser::{MarkedEventReceiver, Parser};
use yaml_rust2::scanner::{Marker, TScalarStyle};

use crate::fault::Fault;

/// A value, and the line on which its text begins.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) line: usize,
    content: Content,
}

#[derive(Debug, Clone)]
enum Content {
    Scalar { text: String, is_plain: bool },
    Sequence(Vec<Node>),
    Mapping(Vec<(Node, Node)>),
}

impl Node {
    /// Reads the one document of a file.
    pub(crate) fn read(path: &Path) -> Result<Self, Fault> {
        let text = fs::read_to_string(path)
            .map_err(|error| Fault::of(path, format!("cannot be read: {error}; is the path right?")))?;
        Self::parse(&text, path)
    }

    /// Parses the one document of a text.
    pub(crate) fn parse(text: &str, path: &Path) -> Result<Self, Fault> {
        let mut builder = Builder::default();
        Parser::new_from_str(text).load(&mut builder, false).map_err(|error| {
            Fault::at(path, error.marker().line(), format!("is no YAML: {}", error.info()))
        })?;
        builder.root.ok_or_else(|| Fault::of(path, "is empty, where YAML is expected"))
    }

    /// A text without a place.
    pub(crate) fn text(text: &str) -> Self {
        Self { line: 0, content: Content::Scalar { text: text.to_owned(), is_plain: false } }
    }

    /// The text of a scalar.
    pub(crate) fn as_str(&self) -> Option<&str> {
        match &self.content {
            Content::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The value of a key; none where there is no such key or this is no mapping.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        self.entries().find(|(name, _)| *name == key).map(|(_, value)| value)
    }

    /// The text behind a key.
    pub(crate) fn str(&self, key: &str) -> Option<&str> {
        self.get(key)?.as_str()
    }

    /// The items of a sequence, or none.
    pub(crate) fn items(&self) -> &[Self] {
        match &self.content {
            Content::Sequence(items) => items,
            _ => &[],
        }
    }

    /// The items of the sequence behind a key, or none.
    pub(crate) fn list(&self, key: &str) -> &[Self] {
        self.get(key).map_or(&[], Self::items)
    }

    /// The keys and values of a mapping, or none.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&str, &Self)> {
        let pairs: &[(Self, Self)] = match &self.content {
            Content::Mapping(pairs) => pairs,
            _ => &[],
        };
        pairs.iter().filter_map(|(key, value)| Some((key.as_str()?, value)))
    }

    /// Puts a value behind a key of a mapping.
    pub(crate) fn set(&mut self, key: &str, value: Self) {
        if let Content::Mapping(pairs) = &mut self.content {
            match pairs.iter_mut().find(|(name, _)| name.as_str() == Some(key)) {
                Some((_, old)) => *old = value,
                None => pairs.push((Self::text(key), value)),
            }
        }
    }

    /// Takes a key out of a mapping.
    pub(crate) fn remove(&mut self, key: &str) {
        if let Content::Mapping(pairs) = &mut self.content {
            pairs.retain(|(name, _)| name.as_str() != Some(key));
        }
    }

    /// A sequence of these.
    pub(crate) fn sequence(items: Vec<Self>) -> Self {
        Self { line: 0, content: Content::Sequence(items) }
    }

    /// Writes it in the part of YAML that is JSON, so that no text can be taken for anything else.
    pub(crate) fn write(&self, out: &mut String) {
        match &self.content {
            Content::Scalar { text, is_plain } if *is_plain && is_no_text(text) => out.push_str(text),
            Content::Scalar { text, .. } => out.push_str(&serde_json::Value::from(text.as_str()).to_string()),
            Content::Sequence(items) => {
                out.push('[');
                for item in items {
                    item.write(out);
                    out.push_str(",\n");
                }
                out.push(']');
            }
            Content::Mapping(pairs) => {
                out.push('{');
                for (key, value) in pairs {
                    key.write(out);
                    out.push_str(": ");
                    value.write(out);
                    out.push_str(",\n");
                }
                out.push('}');
            }
        }
    }
}

/// What a reader of YAML takes for a number, a truth or nothing.
fn is_no_text(plain: &str) -> bool {
    let is_word = ["true", "false", "null", "~", "True", "False"].contains(&plain);
    is_word
        || (plain.starts_with(|first: char| first.is_ascii_digit() || "-+.".contains(first))
            && plain.parse::<f64>().is_ok())
}

/// Builds the tree from what the parser sees.
#[derive(Default)]
struct Builder {
    root: Option<Node>,
    open: Vec<(Node, usize, Option<Node>)>,
    anchors: HashMap<usize, Node>,
}

impl Builder {
    fn add(&mut self, node: Node, anchor: usize) {
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        let Some((parent, _, key)) = self.open.last_mut() else {
            self.root.get_or_insert(node);
            return;
        };
        match &mut parent.content {
            Content::Sequence(items) => items.push(node),
            Content::Mapping(pairs) => match key.take() {
                Some(key) => pairs.push((key, node)),
                None => *key = Some(node),
            },
            Content::Scalar { .. } => {}
        }
    }

    fn close(&mut self) {
        if let Some((node, anchor, _)) = self.open.pop() {
            self.add(node, anchor);
        }
    }
}

impl MarkedEventReceiver for Builder {
    fn on_event(&mut self, event: Event, mark: Marker) {
        let line = mark.line();
        match event {
            Event::Scalar(text, style, anchor, _) => {
                let content = Content::Scalar { text, is_plain: style == TScalarStyle::Plain };
                self.add(Node { line, content }, anchor);
            }
            Event::SequenceStart(anchor, _) => {
                self.open.push((Node { line, content: Content::Sequence(Vec::new()) }, anchor, None));
            }
            Event::MappingStart(anchor, _) => {
                self.open.push((Node { line, content: Content::Mapping(Vec::new()) }, anchor, None));
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            Event::Alias(anchor) => {
                if let Some(node) = self.anchors.get(&anchor).cloned() {
                    self.add(node, 0);
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Node {
        Node::parse(text, Path::new("a.yml")).unwrap()
    }

    #[test]
    fn values_stand_on_the_line_of_their_text() {
        let node = parse("a: 1\nb: |\n  up\n  == 0\nc: >-\n  folded\n  text\nd:\n  - e\n  - \"f\"\n");
        let line = |key| node.get(key).unwrap().line;
        assert_eq!([line("a"), line("b"), line("c")], [1, 3, 6]);
        assert_eq!(node.list("d").iter().map(|item| item.line).collect::<Vec<_>>(), [9, 10]);
        assert_eq!(node.str("c"), Some("folded text"));
    }

    #[test]
    fn an_alias_is_what_its_anchor_is() {
        let node = parse("a: &x { b: c }\nd: *x\n");
        assert_eq!(node.get("d").unwrap().str("b"), Some("c"));
    }

    #[test]
    fn what_is_written_is_read_alike() {
        let node = parse("a: \"0.5\"\nb: 0.50\nc: up == 0\nd: [x, 'y: \"z\"', -3]\ne: {}\n");
        let mut text = String::new();
        node.write(&mut text);
        let mut again = String::new();
        parse(&text).write(&mut again);
        assert_eq!(text, again);
        assert!(text.contains(r#""a": "0.5""#) && text.contains(r#""b": 0.50"#), "{text}");
    }

    #[test]
    fn what_is_no_yaml_is_refused_with_its_line() {
        let error = Node::parse("a: [\nb: }\n", Path::new("a.yml")).unwrap_err().to_string();
        assert!(error.starts_with("a.yml:2: is no YAML"), "{error}");
    }
}
