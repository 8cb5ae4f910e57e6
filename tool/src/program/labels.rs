//! Labels as they stand on a page of metrics, and in a program.

use crate::program::Function;

/// The function of such labels; none where they are of something else.
pub(crate) fn function(text: &str) -> Option<Function> {
    let labels = parse(text)?;
    let get = |name: &str| labels.iter().find(|(label, _)| label == name).map(|(_, value)| value.clone());
    let (name, module, component) = (get("function")?, get("module")?, get("component")?);
    Some(Function { component, module, name, slow: None, largest_bound: None })
}

/// Reads `a="b",c="d"`.
fn parse(text: &str) -> Option<Vec<(String, String)>> {
    let mut labels = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (name, behind) = rest.split_once("=\"")?;
        let (mut value, mut end, mut is_escaped) = (String::new(), None, false);
        for (at, character) in behind.char_indices() {
            match character {
                it if is_escaped => {
                    value.push(if it == 'n' { '\n' } else { it });
                    is_escaped = false;
                }
                '\\' => is_escaped = true,
                '"' => {
                    end = Some(at + 1);
                    break;
                }
                it => value.push(it),
            }
        }
        labels.push((name.trim_start_matches(',').trim().to_owned(), value));
        rest = behind.get(end?..)?;
    }
    Some(labels)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_undone() {
        let labels = parse(r#"a="b\"\\\n,c=",d="""#).unwrap();
        assert_eq!(labels, [("a".to_owned(), "b\"\\\n,c=".to_owned()), ("d".to_owned(), String::new())]);
        assert!(parse("a=\"b").is_none());
    }
}
