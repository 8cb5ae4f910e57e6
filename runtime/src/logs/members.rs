//! Fields that are encoded before the record that they stand in: a span's and a request's.

use std::error::Error;
use std::fmt;

use super::encode;
use super::names::{Name, Names};
use super::redact::REDACTED;
use crate::field::{Fields, Value};

/// The longest chain of sources that is followed: an error that is its own source must not hang the program.
const MAX_CAUSES: usize = 16;

/// What fields are given to: the members of an object, never two of one name. What is added first stays.
pub(super) trait Sink {
    /// Adds a member, unless there is one of that name; `write` appends the value while there is room within a number of
    /// bytes, and says whether it is complete.
    fn add(&mut self, name: &Name<'_>, write: impl FnOnce(&mut Vec<u8>, usize) -> bool);

    /// Adds a value that is never too long.
    fn add_plain(&mut self, name: &Name<'_>, write: impl FnOnce(&mut Vec<u8>)) {
        self.add(name, |out, _| {
            write(out);
            true
        });
    }

    /// Adds a value.
    fn add_value(&mut self, name: &Name<'_>, value: &Value) {
        self.add(name, |out, limit| encode::value(out, value, limit));
    }

    /// Adds a text.
    fn add_text(&mut self, name: &Name<'_>, text: &str) {
        self.add(name, |out, limit| encode::string(out, text, limit));
    }

    /// Adds what `arguments` print.
    fn add_printed(&mut self, name: &Name<'_>, arguments: fmt::Arguments<'_>) {
        self.add(name, |out, limit| encode::printed(out, arguments, limit));
    }

    /// Adds a list of texts, unless it is empty.
    fn add_texts(&mut self, name: &Name<'_>, texts: &[String]) {
        if !texts.is_empty() {
            self.add(name, |out, limit| {
                encode::list(out, texts, |out, text| encode::string(out, text, limit))
            });
        }
    }

    /// Adds an error's message, and what lies behind it: under `causes` for a field called `error`, as for
    /// `#[timed(err)]`, and under `<name>.causes` for any other.
    fn add_error(&mut self, name: &Name<'_>, plain_name: &str, error: &(dyn Error + 'static)) {
        self.add_printed(name, format_args!("{error}"));
        let mut causes = causes(error).take(MAX_CAUSES).peekable();
        if causes.peek().is_none() || name.is_secret() {
            return;
        }
        let list = if plain_name == "error" {
            Name::of("causes")
        } else {
            Name::of(&format!("{plain_name}.causes"))
        };
        self.add_found(&list, |out, limit| {
            encode::list(out, causes, |out, cause| encode::printed(out, format_args!("{cause}"), limit))
        });
    }

    /// As `add`, for a name that its call site does not know.
    fn add_found(&mut self, name: &Name<'_>, write: impl FnOnce(&mut Vec<u8>, usize) -> bool) {
        self.add(name, write);
    }
}

/// Encoded members with what is needed to know them again.
#[derive(Clone, Debug, Default)]
pub(crate) struct Members {
    /// `,"name":value` for each.
    bytes: Vec<u8>,
    index: Vec<Member>,
    names: Names,
    is_cut: bool,
}

/// Where a member begins, and how long its encoded name is with comma, quotes and colon.
#[derive(Clone, Copy, Debug)]
struct Member {
    start: usize,
    name: usize,
    hash: u64,
}

/// No more is kept of the fields of one span or request.
const MAX_BYTES: usize = 256 * 1024;

impl Sink for Members {
    fn add(&mut self, name: &Name<'_>, write: impl FnOnce(&mut Vec<u8>, usize) -> bool) {
        if self.has(name.encoded(), name.hash()) {
            return;
        }
        let start = self.bytes.len();
        if start + name.encoded().len() > MAX_BYTES {
            self.is_cut = true;
            return;
        }
        self.bytes.extend_from_slice(name.encoded());
        let is_complete = if name.is_secret() {
            encode::string(&mut self.bytes, REDACTED, usize::MAX)
        } else {
            write(&mut self.bytes, MAX_BYTES)
        };
        self.is_cut |= !is_complete;
        self.note(start, name.encoded().len(), name.hash());
    }
}

impl Members {
    pub(crate) fn of(fields: &Fields) -> Self {
        let mut members = Self::default();
        fields.iter().for_each(|(name, value)| members.add_value(&Name::of(name), value));
        members
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.index.is_empty()
    }

    /// Whether a value was cut, or a member left out, for being too long.
    pub(super) const fn is_cut(&self) -> bool {
        self.is_cut
    }

    pub(super) const fn names(&self) -> &Names {
        &self.names
    }

    /// `,"name":value` for each.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Adds those members of `outer` whose names are not here yet.
    pub(super) fn add_missing(&mut self, outer: &Self) {
        for (name, hash, member) in outer.iter() {
            if !self.has(name, hash) {
                let start = self.bytes.len();
                self.bytes.extend_from_slice(member);
                self.note(start, name.len(), hash);
            }
        }
        self.is_cut |= outer.is_cut;
    }

    /// Of each member its name as it is encoded, that name's hash, and the whole.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&[u8], u64, &[u8])> {
        self.index.iter().enumerate().map(|(position, member)| {
            let end = self.index.get(position + 1).map_or(self.bytes.len(), |next| next.start);
            let whole = &self.bytes[member.start..end];
            (&whole[..member.name], member.hash, whole)
        })
    }

    fn note(&mut self, start: usize, name: usize, hash: u64) {
        self.index.push(Member { start, name, hash });
        self.names.add(hash);
    }

    /// Escaping is injective, so equal encoded names are equal names.
    fn has(&self, name: &[u8], hash: u64) -> bool {
        self.names.may_have(hash) && self.iter().any(|(known, ..)| known == name)
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
        str::from_utf8(members.bytes.get(1..).unwrap_or_default()).unwrap().to_owned()
    }

    fn text(members: &mut Members, name: &str, text: &str) {
        members.add_text(&Name::of(name), text);
    }

    #[test]
    fn what_is_added_first_stays() {
        let (mut inner, mut outer) = (Members::default(), Members::default());
        text(&mut inner, "user", "inner");
        text(&mut inner, "user", "later");
        text(&mut outer, "user", "outer");
        outer.add_value(&Name::of("shop"), &Value::Signed(-1));
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
            text(&mut members, name, name);
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
        text(&mut members, "password", "hunter2");
        members.add_value(&Name::of("db_token"), &Value::Unsigned(2));
        members.add_printed(&Name::of("Set-Cookie"), format_args!("hunter{}", 2));
        members.add_error(&Name::of("secret"), "secret", &error);
        members.add_texts(&Name::of("credentials"), &["hunter2".to_owned()]);
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
        members.add_error(&Name::of("error"), "error", &std::io::Error::other("plain"));
        members.add_error(&Name::of("other"), "other", &Endless);
        let causes = vec![r#""again""#; MAX_CAUSES].join(",");
        assert_eq!(
            written(&members),
            format!(r#""error":"plain","other":"again","other.causes":[{causes}]"#)
        );
    }

    #[test]
    fn a_value_that_is_too_long_is_cut_and_what_follows_left_out() {
        let mut members = Members::default();
        text(&mut members, "long", &"é".repeat(MAX_BYTES));
        text(&mut members, "next", "");
        assert!(members.is_cut());
        let text = format!("{{{}}}", written(&members));
        let parsed: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&text).unwrap();
        assert_eq!(parsed.keys().collect::<Vec<_>>(), ["long"]);
        assert!(text.len() <= MAX_BYTES + 4);
    }
}
