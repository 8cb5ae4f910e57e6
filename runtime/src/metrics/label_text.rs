//! Labels as they stand between the braces: `a="b",c="d"`, with every value escaped.

/// Writes labels with commas between them.
pub(crate) fn write_labels(out: &mut Vec<u8>, labels: &[(&str, &str)]) {
    for (at, (name, value)) in labels.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"=\"");
        escape(out, value, true);
        out.push(b'"');
    }
}

/// The same, as a text of its own.
pub(crate) fn render_labels(labels: &[(&str, &str)]) -> String {
    let mut text = Vec::new();
    write_labels(&mut text, labels);
    // Parts of texts and ASCII between them.
    String::from_utf8(text).unwrap_or_default()
}

/// Writes a text so that it stays on its line, and within its quotes where it has some.
pub(super) fn escape(out: &mut Vec<u8>, text: &str, quoted: bool) {
    let mut rest = text.as_bytes();
    while let Some(at) = rest.iter().position(|&byte| is_special(byte, quoted)) {
        let (plain, special) = rest.split_at(at);
        out.extend_from_slice(plain);
        out.extend_from_slice(match special[0] {
            b'\n' => b"\\n",
            b'"' => b"\\\"",
            _ => b"\\\\",
        });
        rest = &special[1..];
    }
    out.extend_from_slice(rest);
}

const fn is_special(byte: u8, quoted: bool) -> bool {
    matches!(byte, b'\\' | b'\n') || (quoted && byte == b'"')
}

/// The labels of a rendered text, their values still escaped.
pub(super) fn split(labels: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = labels;
    std::iter::from_fn(move || {
        let (name, after) = rest.split_once("=\"")?;
        let end = closing_quote(after);
        rest = after.get(end + 1..).unwrap_or_default();
        rest = rest.strip_prefix(',').unwrap_or(rest);
        Some((name, &after[..end]))
    })
}

/// The place of the first quote that is not escaped.
fn closing_quote(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() && bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    at.min(bytes.len())
}

/// Writes an escaped value as it was.
pub(super) fn unescape(out: &mut Vec<u8>, escaped: &str) {
    let mut rest = escaped.as_bytes();
    while let Some(at) = rest.iter().position(|&byte| byte == b'\\') {
        out.extend_from_slice(&rest[..at]);
        match rest.get(at + 1) {
            Some(b'n') => out.push(b'\n'),
            Some(&other) => out.push(other),
            None => {}
        }
        rest = rest.get(at + 2..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(labels: &str) -> Vec<(String, String)> {
        let plain = |(name, value): (&str, &str)| {
            let mut text = Vec::new();
            unescape(&mut text, value);
            (name.to_owned(), String::from_utf8(text).expect("what was escaped was a text"))
        };
        split(labels).map(plain).collect()
    }

    fn comes_back(labels: &[(&str, &str)]) {
        let owned: Vec<_> =
            labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let rendered = render_labels(labels);
        assert!(!rendered.contains('\n'), "{rendered}");
        assert_eq!(parsed(&rendered), owned, "{rendered}");
    }

    #[test]
    fn every_value_comes_back() {
        // All texts of up to five of the characters that mean something, between two plain labels.
        let alphabet = ["\\", "\"", "\n", "n", ",", "=\"", "{", "}", " ", "ä", "😀"];
        let mut texts = vec![String::new()];
        for _ in 0..4 {
            let longer = texts.iter().flat_map(|text| alphabet.map(|character| format!("{text}{character}")));
            texts = longer.chain([String::new()]).collect();
        }
        for text in &texts {
            comes_back(&[("a", "1"), ("b", text), ("c", "")]);
        }
    }

    #[test]
    fn nothing_is_no_label() {
        comes_back(&[]);
        assert_eq!(render_labels(&[]), "");
    }

    #[test]
    fn a_torn_text_ends_without_a_panic() {
        for torn in ["a", "a=", "a=\"", "a=\"b", "a=\"b\\", "a=\"b\",", "a=\"b\",c=\"ä\\"] {
            let _ = parsed(torn);
        }
    }
}
