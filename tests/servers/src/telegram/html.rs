//! The HTML that Telegram reads: few tags, well nested, and few entities.

/// A message whose tags and entities are read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Read {
    pub(super) text: String,
    pub(super) links: Vec<String>,
}

const TAGS: [&str; 15] = [
    "b",
    "strong",
    "i",
    "em",
    "u",
    "ins",
    "s",
    "strike",
    "del",
    "span",
    "tg-spoiler",
    "a",
    "code",
    "pre",
    "blockquote",
];

/// Reads a message, or says as Telegram does why it cannot.
pub(super) fn read(html: &str) -> Result<Read, String> {
    let mut read = Read { text: String::new(), links: Vec::new() };
    let mut open: Vec<&str> = Vec::new();
    let mut rest = html;
    while let Some(position) = rest.find(['<', '&']) {
        read.text.push_str(&rest[..position]);
        rest = &rest[position..];
        if rest.starts_with('&') {
            let (character, length) = entity(rest).unwrap_or(('&', 1));
            read.text.push(character);
            rest = &rest[length..];
            continue;
        }
        let end = rest.find('>').ok_or("Unclosed start tag")?;
        tag(&rest[1..end], &mut open, &mut read.links)?;
        rest = &rest[end + 1..];
    }
    read.text.push_str(rest);
    match open.last() {
        Some(tag) => Err(format!("Can't find end tag corresponding to start tag {tag}")),
        None => Ok(read),
    }
}

fn tag<'html>(tag: &'html str, open: &mut Vec<&'html str>, links: &mut Vec<String>) -> Result<(), String> {
    if let Some(name) = tag.strip_prefix('/') {
        return match open.pop() {
            Some(opened) if opened == name => Ok(()),
            Some(opened) => Err(format!("Unmatched end tag, expected \"</{opened}>\", found \"</{name}>\"")),
            None => Err(format!("Unexpected end tag \"</{name}>\"")),
        };
    }
    let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
    if !TAGS.contains(&name) {
        return Err(format!("Unsupported start tag \"{name}\""));
    }
    if name == "a" {
        let address = attributes.strip_prefix("href=\"").and_then(|rest| rest.strip_suffix('"'));
        links.push(read(address.ok_or("a link without an address")?)?.text);
    }
    open.push(name);
    Ok(())
}

/// The character of an entity, and how long its text is. What is none stays as it is.
fn entity(text: &str) -> Option<(char, usize)> {
    let end = text.find(';')?;
    let character = match &text[1..end] {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        number => {
            let number = number.strip_prefix('#')?;
            let code = match number.strip_prefix('x') {
                Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)?
        }
    };
    Some((character, end + 1))
}

#[test]
fn tags_and_entities_are_read_as_telegram_does() {
    let read = |html| read(html).map(|read| (read.text, read.links));
    let text = |text: &str| Ok((text.to_owned(), Vec::new()));
    assert_eq!(read("<b>a</b> &lt;T&gt; &amp;&#34;&#x27; & &nbsp;"), text("a <T> &\"' & &nbsp;"));
    assert_eq!(read("<a href=\"http://a/?b&amp;c\">d</a>"), Ok(("d".into(), vec!["http://a/?b&c".into()])));
    for wrong in ["<T>", "<b>a", "a</b>", "<b><i>a</b></i>", "a < b", "<a>b</a>"] {
        read(wrong).unwrap_err();
    }
}
