//! The members of a JSON object, encoded as they come, never two of one name.

use std::error::Error;
use std::fmt;

use super::encode;
use super::redact::{REDACTED, is_secret};
use crate::field::Value;

/// The longest chain of sources that is followed: an error that is its own source must not hang the program.
const MAX_CAUSES: usize = 16;

/// Encoded members: an event's, a span's, or the whole `extra` of a record. What is added first stays.
#[derive(Debug, Default)]
pub(super) struct Members {
    /// `"name":value,` for each.
    bytes: Vec<u8>,
    index: Vec<Member>,
    cut: bool,
}

/// Where a member begins, and how long its encoded name is with quotes and colon.
#[derive(Clone, Copy, Debug)]
struct Member {
    start: usize,
    name: usize,
}

impl Members {
    pub(super) fn is_empty(&self) -> bool {
        self.index.is_empty()
    }

    /// Whether a value was cut, or a member left out, for being too long.
    pub(super) fn is_cut(&self) -> bool {
        self.cut
    }

    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.index.clear();
        self.cut = false;
    }

    pub(super) fn shrink_to(&mut self, bytes: usize) {
        self.bytes.shrink_to(bytes);
        self.index.shrink_to(bytes / size_of::<Member>());
    }

    /// Adds a member, unless there is one of that name; `write` appends the value and says whether it is complete.
    pub(super) fn add(&mut self, name: &str, write: impl FnOnce(&mut Vec<u8>) -> bool) {
        let Some(member) = self.begin(name) else { return };
        let complete =
            if is_secret(name) { encode::string(&mut self.bytes, REDACTED) } else { write(&mut self.bytes) };
        self.end(member, complete);
    }

    /// Adds a value that is never too long.
    pub(super) fn add_plain(&mut self, name: &str, write: impl FnOnce(&mut Vec<u8>)) {
        self.add(name, |out| {
            write(out);
            true
        });
    }

    /// Adds a value.
    pub(super) fn add_value(&mut self, name: &str, value: &Value) {
        self.add(name, |out| encode::value(out, value));
    }

    /// Adds a text.
    pub(super) fn add_text(&mut self, name: &str, text: &str) {
        self.add(name, |out| encode::string(out, text));
    }

    /// Adds what `arguments` print.
    pub(super) fn add_printed(&mut self, name: &str, arguments: fmt::Arguments<'_>) {
        self.add(name, |out| encode::printed(out, arguments));
    }

    /// Adds a list of texts, unless it is empty.
    pub(super) fn add_texts(&mut self, name: &str, texts: &[String]) {
        if !texts.is_empty() {
            self.add(name, |out| encode::list(out, texts, |out, text| encode::string(out, text)));
        }
    }

    /// Adds an error's message, and what lies behind it: under `causes` for a field called `error`, as for
    /// `#[timed(err)]`, and under `<name>.causes` for any other.
    pub(super) fn add_error(&mut self, name: &str, error: &(dyn Error + 'static)) {
        self.add_printed(name, format_args!("{error}"));
        let mut causes = causes(error).take(MAX_CAUSES).peekable();
        if causes.peek().is_none() || is_secret(name) {
            return;
        }
        let list = if name == "error" { "causes".to_owned() } else { format!("{name}.causes") };
        self.add(&list, |out| {
            encode::list(out, causes, |out, cause| encode::printed(out, format_args!("{cause}")))
        });
    }

    /// Adds those members of `outer` whose names are not here yet.
    pub(super) fn add_missing(&mut self, outer: &Self) {
        for (position, member) in outer.index.iter().enumerate() {
            let name = &outer.bytes[member.start..member.start + member.name];
            if self.has(name) {
                continue;
            }
            self.index.push(Member { start: self.bytes.len(), name: member.name });
            self.bytes.extend_from_slice(&outer.bytes[member.start..outer.end_of(position)]);
        }
        self.cut |= outer.cut;
    }

    /// Appends as many members as `room` bytes hold, without a comma at the end; false where not all went in.
    pub(super) fn write_to(&self, out: &mut Vec<u8>, room: usize) -> bool {
        let fitting = if self.bytes.len() <= room {
            self.bytes.len()
        } else {
            let ends = (0..self.index.len()).map(|position| self.end_of(position));
            ends.take_while(|end| *end <= room).last().unwrap_or(0)
        };
        out.extend_from_slice(&self.bytes[..fitting.saturating_sub(1)]);
        fitting == self.bytes.len()
    }

    /// Writes the name; none where it is taken, or where the record has grown too long already.
    fn begin(&mut self, name: &str) -> Option<Member> {
        let start = self.bytes.len();
        let complete = encode::string(&mut self.bytes, name);
        self.bytes.push(b':');
        self.cut |= !complete;
        if complete && !self.has(&self.bytes[start..]) {
            return Some(Member { start, name: self.bytes.len() - start });
        }
        self.bytes.truncate(start);
        None
    }

    fn end(&mut self, member: Member, complete: bool) {
        self.bytes.push(b',');
        self.index.push(member);
        self.cut |= !complete;
    }

    /// Escaping is injective, so equal encoded names are equal names.
    fn has(&self, name: &[u8]) -> bool {
        self.index.iter().any(|member| {
            member.name == name.len() && self.bytes[member.start..member.start + member.name] == *name
        })
    }

    fn end_of(&self, position: usize) -> usize {
        self.index.get(position + 1).map_or(self.bytes.len(), |next| next.start)
    }
}

/// What lies behind an error, outermost first.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(error.source(), |cause: &&'a (dyn Error + 'static)| (*cause).source())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(members: &Members) -> String {
        let mut out = Vec::new();
        assert!(members.write_to(&mut out, usize::MAX));
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn what_is_added_first_stays() {
        let (mut inner, mut outer) = (Members::default(), Members::default());
        inner.add_text("user", "inner");
        inner.add_text("user", "later");
        outer.add_text("user", "outer");
        outer.add_value("shop", &Value::Signed(-1));
        inner.add_missing(&outer);
        inner.add_missing(&outer);
        assert_eq!(written(&inner), r#""user":"inner","shop":-1"#);
    }

    #[test]
    fn names_that_look_alike_are_told_apart_and_equal_ones_are_not() {
        let names = [
            "a",
            "A",
            "a ",
            "",
            "a\"",
            "a\\",
            "a\\\"",
            "a\n",
            "a\\n",
            "\u{202e}a",
            "a\u{0}",
            "é",
            "e\u{301}",
            ":",
            ",",
        ];
        let mut members = Members::default();
        for name in names.iter().chain(&names) {
            members.add_text(name, name);
        }
        let text = format!("{{{}}}", written(&members));
        let parsed: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&text).unwrap();
        assert_eq!(parsed.len(), names.len());
        assert_eq!(members.index.len(), names.len());
        assert!(parsed.iter().all(|(name, value)| value == name));
    }

    #[test]
    fn a_secret_is_never_written_whatever_its_type() {
        let error = std::io::Error::other("hunter2");
        let mut members = Members::default();
        members.add_text("password", "hunter2");
        members.add_value("db_token", &Value::Unsigned(2));
        members.add_printed("Set-Cookie", format_args!("hunter{}", 2));
        members.add_error("secret", &error);
        members.add_texts("credentials", &["hunter2".to_owned()]);
        let text = written(&members);
        assert_eq!((text.matches(r#":"[redacted]""#).count(), text.contains('2')), (5, false), "{text}");
    }

    #[test]
    fn an_error_carries_its_causes() {
        #[derive(Debug)]
        struct Endless;
        impl fmt::Display for Endless {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("again")
            }
        }
        impl Error for Endless {
            fn source(&self) -> Option<&(dyn Error + 'static)> {
                Some(self)
            }
        }
        let mut members = Members::default();
        members.add_error("error", &std::io::Error::other("plain"));
        members.add_error("other", &Endless);
        let causes = vec![r#""again""#; MAX_CAUSES].join(",");
        assert_eq!(
            written(&members),
            format!(r#""error":"plain","other":"again","other.causes":[{causes}]"#)
        );
    }

    #[test]
    fn members_that_do_not_fit_are_left_out_whole() {
        let mut members = Members::default();
        members.add_text("a", "1");
        members.add_text("b", "2");
        let mut out = Vec::new();
        assert!(!members.write_to(&mut out, members.bytes.len() - 1));
        assert_eq!(out, br#""a":"1""#);
    }

    #[test]
    fn a_value_that_is_too_long_is_cut_and_what_follows_left_out() {
        let mut members = Members::default();
        members.add_text("long", &"é".repeat(encode::MAX_RECORD_BYTES));
        members.add_text("next", "");
        assert!(members.is_cut());
        let text = format!("{{{}}}", written(&members));
        let parsed: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&text).unwrap();
        assert_eq!(parsed.keys().collect::<Vec<_>>(), ["long"]);
        assert!(text.len() <= encode::MAX_RECORD_BYTES + 4);
    }
}
