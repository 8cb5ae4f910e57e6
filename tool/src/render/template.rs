//! A configuration with variables.

use std::path::Path;

use super::variable::Variables;
use crate::fault::Fault;
use crate::yaml::Node;

/// Ends a line that stays only where a variable is set: `url: … # only if HEARTBEAT_URL is set`.
const CONDITION: (&str, &str) = ("# only if ", " is set");

/// A text with `${NAME}` in it.
pub(crate) struct Template<'text> {
    path: &'text Path,
    text: &'text str,
}

impl<'text> Template<'text> {
    pub(crate) fn new(path: &'text Path, text: &'text str) -> Self {
        Self { path, text }
    }

    /// The text with values, and what is wrong. Each line is where it was: those that do not stay are empty.
    pub(crate) fn rendered(&self, variables: &Variables) -> (String, Vec<Fault>) {
        let (mut rendered, mut faults) = (String::new(), Vec::new());
        for (line, number) in self.text.lines().zip(1..) {
            match self.line(line, variables) {
                Ok(line) => rendered.push_str(&line),
                Err(messages) => {
                    faults.extend(messages.into_iter().map(|message| Fault::at(self.path, number, message)));
                }
            }
            rendered.push('\n');
        }
        (rendered, faults)
    }

    /// The structure of the template, with the variables in it.
    pub(crate) fn parsed(&self) -> Option<Node> {
        Node::parse(self.text, self.path).ok()
    }

    fn line(&self, line: &str, variables: &Variables) -> Result<String, Vec<String>> {
        if line.trim_start().starts_with('#') {
            return Ok(line.to_owned());
        }
        let Some((line, condition)) = conditional(line) else { return expanded(line, variables) };
        match variables.value(condition) {
            Ok(None) => Ok(String::new()),
            Ok(Some(_)) => expanded(line, variables),
            Err(message) => Err(vec![message]),
        }
    }
}

/// Takes the condition off a line that has one.
fn conditional(line: &str) -> Option<(&str, &str)> {
    let (line, condition) = line.rsplit_once(CONDITION.0)?;
    Some((line.trim_end(), condition.strip_suffix(CONDITION.1)?))
}

fn expanded(line: &str, variables: &Variables) -> Result<String, Vec<String>> {
    let (mut expanded, mut faults) = (String::new(), Vec::new());
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("${") {
        expanded.push_str(before);
        let Some((name, behind)) = after.split_once('}') else {
            faults.push("`${` without a `}` behind it".to_owned());
            break;
        };
        match variables.value(name) {
            Ok(Some(value)) => expanded.push_str(value),
            Ok(None) => {
                faults.push(format!("{name} may be unset; end the line in `# only if {name} is set`"));
            }
            Err(message) => faults.push(message),
        }
        rest = behind;
    }
    expanded.push_str(rest);
    if faults.is_empty() { Ok(expanded) } else { Err(faults) }
}
