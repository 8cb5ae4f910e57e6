//! The templates of messages: what they define, and what is asked of them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::written;
use crate::fault::Fault;
use crate::yaml::Node;

/// What Alertmanager brings along for Telegram.
const BUILT_IN: [&str; 7] = [
    "__alertmanager",
    "__alertmanagerURL",
    "__description",
    "__subject",
    "__text_alert_list",
    "__text_alert_list_markdown",
    "telegram.default.message",
];

/// The files that a configuration lists, with their contents.
#[derive(Default)]
pub(crate) struct Messages {
    files: Vec<File>,
}

struct File {
    path: PathBuf,
    /// Where it is to be, seen from the configuration.
    relative: PathBuf,
    text: String,
}

impl Messages {
    /// Reads all files of the list `templates`.
    pub(crate) fn read(config_path: &Path, config: &Node, faults: &mut Vec<Fault>) -> Self {
        let mut messages = Self::default();
        for pattern in config.list("templates") {
            let found = pattern.as_str().map(|text| listed(config_path, text)).unwrap_or_default();
            if found.is_empty() {
                faults.push(Fault::at(
                    config_path,
                    pattern.line,
                    "no file has this name, so no message has a text",
                ));
            }
            for (path, relative) in found {
                match fs::read_to_string(&path) {
                    Ok(text) => messages.files.push(File { path, relative, text }),
                    Err(error) => faults.push(Fault::of(&path, format!("cannot be read: {error}"))),
                }
            }
        }
        messages
    }

    /// Says where something is asked for that nobody defines. Alertmanager would find out with the first alert.
    pub(crate) fn check(&self, config_path: &Path, config: &str, faults: &mut Vec<Fault>) {
        let of_files = self.files.iter().map(|file| (file.path.as_path(), file.text.as_str()));
        let mut defined = BTreeSet::from(BUILT_IN);
        defined.extend(
            of_files.clone().flat_map(|(_, text)| actions(text)).filter_map(|action| action.defined()),
        );
        for (path, text) in of_files.chain([(config_path, config)]) {
            for action in actions(text) {
                if let Some(name) = action.used().filter(|name| !defined.contains(name)) {
                    faults.push(Fault::at(
                        path,
                        action.line,
                        format!("the template `{name}` is not defined"),
                    ));
                }
            }
        }
    }

    /// Puts the files beside a configuration, unless that is where they are.
    pub(crate) fn write(&self, config: &Path) -> Result<(), Fault> {
        let directory = config.parent().unwrap_or(Path::new(""));
        for file in &self.files {
            let path = directory.join(&file.relative);
            if path.canonicalize().ok() != file.path.canonicalize().ok() {
                written::file(&path, &file.text)?;
            }
        }
        Ok(())
    }
}

/// The files of a pattern, which may have one `*` in the name of the file: the path of each, and its path as the pattern has it.
fn listed(config: &Path, pattern: &str) -> Vec<(PathBuf, PathBuf)> {
    let pattern = Path::new(pattern);
    let folder = pattern.parent().unwrap_or(Path::new(""));
    let name = pattern.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let (before, after) = name.split_once('*').unwrap_or((&name, ""));
    let is_match = |file: &str| {
        if name.contains('*') {
            file.len() >= before.len() + after.len() && file.starts_with(before) && file.ends_with(after)
        } else {
            file == name
        }
    };
    let directory = config.parent().unwrap_or(Path::new("")).join(folder);
    let entries = fs::read_dir(if directory == Path::new("") { Path::new(".") } else { &directory });
    let names = entries.into_iter().flatten().flatten().map(|entry| entry.file_name());
    let mut found: Vec<_> = names
        .filter(|file| is_match(&file.to_string_lossy()))
        .map(|file| (directory.join(&file), folder.join(&file)))
        .collect();
    found.sort();
    found
}

/// What stands between `{{` and `}}`.
struct Action<'text> {
    line: usize,
    text: &'text str,
}

impl<'text> Action<'text> {
    fn defined(&self) -> Option<&'text str> {
        self.named("define").or_else(|| self.named("block"))
    }

    fn used(&self) -> Option<&'text str> {
        self.named("template")
    }

    fn named(&self, keyword: &str) -> Option<&'text str> {
        let name = self.text.strip_prefix(keyword)?.trim_start().strip_prefix(['"', '`'])?;
        name.split(['"', '`']).next()
    }
}

/// The actions of a text, without comments.
fn actions(text: &str) -> impl Iterator<Item = Action<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let begin = at + text[at..].find("{{")? + 2;
        let end = begin + text[begin..].find("}}")?;
        at = end + 2;
        let line = text[..begin].lines().count().max(1);
        let action = text[begin..end].trim_start_matches('-').trim_end_matches('-').trim();
        // An action within a comment of YAML is a comment as well.
        let start_of_line = text[..begin].rfind('\n').map_or(0, |newline| newline + 1);
        let is_comment = text[start_of_line..].starts_with('#') || action.starts_with("/*");
        Some((!is_comment).then_some(Action { line, text: action }))
    })
    .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_have_lines_and_names() {
        let text = "{{- /* {{ x */ -}}\n{{ define \"a\" -}}\n{{- template \"b\" . }}{{ end }}\n# {{ template \"c\" }}\n";
        let found: Vec<_> = actions(text).collect();
        let defined: Vec<_> = found.iter().filter_map(|it| Some((it.line, it.defined()?))).collect();
        let used: Vec<_> = found.iter().filter_map(|it| Some((it.line, it.used()?))).collect();
        assert_eq!(defined, [(2, "a")]);
        assert_eq!(used, [(3, "b")]);
    }
}
