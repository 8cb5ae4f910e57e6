//! A record while it is composed: written once, in its final form, into a buffer of the thread.

use std::cell::Cell;
use std::fmt;
use std::time::Duration;

use super::encode::{self, number};
use super::escape::Escaping;
use super::format::{Format, Place, separated};
use super::members::{Members, Sink};
use super::names::{Name, Names};
use super::redact::REDACTED;
use super::scan::members_within;
use super::site::Site;
use super::timestamp::Stamp;
use crate::context;
use crate::field::Value;

/// The default of what a record is cut at.
pub(crate) const MAX_RECORD_BYTES: usize = 256 * 1024;

/// What a record may have beyond its fields: a request's id, the marks, brackets.
const END_BYTES: usize = 320;

/// What a thread keeps of its buffers after a record; a huge one gives its memory back.
const KEPT_BYTES: usize = 16 * 1024;

thread_local! {
    static SPARE: Cell<Option<Box<Buffers>>> = const { Cell::new(None) };
}

/// What a thread uses again for its next record.
#[derive(Debug, Default)]
struct Buffers {
    line: Vec<u8>,
    /// What comes after the fields, though it was given among them.
    tail: Vec<u8>,
    name: Vec<u8>,
    /// Of members that no call site knows.
    names: Names,
    stamp: Stamp,
}

/// Where a record comes from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Origin<'a> {
    Site(&'a Site),
    Place(&'a Place<'a>),
}

/// The record under way.
pub(super) struct Record<'a> {
    buffers: Box<Buffers>,
    format: &'a Format,
    origin: Origin<'a>,
    /// What text is cut at.
    limit: usize,
    /// Where the message stands, or would.
    message_at: usize,
    has_message: bool,
    /// The message is over, and its place and its request are written.
    is_placed: bool,
    /// Where the first field stands, once there is one.
    fields_at: Option<usize>,
    /// Two members may have one name: each is looked for before it is added.
    is_careful: bool,
    is_cut: bool,
    suppressed: u64,
}

impl<'a> Record<'a> {
    /// Composes a record. One that a field's own `Display` makes meanwhile finds no spare buffers and gets new ones,
    /// so that it does not disturb this one.
    pub(super) fn compose<T>(
        format: &'a Format,
        time: Duration,
        origin: Origin<'a>,
        compose: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let buffers = SPARE.try_with(Cell::take).ok().flatten().unwrap_or_default();
        let mut record = Self {
            buffers,
            format,
            origin,
            limit: format.max_bytes.saturating_sub(END_BYTES),
            message_at: 0,
            has_message: false,
            is_placed: false,
            fields_at: None,
            is_careful: match origin {
                Origin::Site(site) => site.has_twins,
                Origin::Place(_) => true,
            },
            is_cut: matches!(origin, Origin::Site(site) if site.is_cut),
            suppressed: 0,
        };
        record.begin(time);
        let result = compose(&mut record);
        let mut buffers = record.buffers;
        buffers.clear();
        let _ = SPARE.try_with(|spare| spare.set(Some(buffers)));
        result
    }

    fn begin(&mut self, time: Duration) {
        let Buffers { line, stamp, .. } = &mut *self.buffers;
        line.extend_from_slice(self.format.opening);
        line.extend_from_slice(stamp.write(time));
        match self.origin {
            Origin::Site(site) => line.extend_from_slice(&site.head),
            Origin::Place(place) => self.is_cut |= !self.format.head(line, place),
        }
        self.message_at = line.len();
    }

    /// Sets the message, unless there is one.
    pub(super) fn message(&mut self, arguments: fmt::Arguments<'_>) {
        if std::mem::replace(&mut self.has_message, true) {
            return;
        }
        let is_complete = if self.is_placed {
            self.insert_message(arguments)
        } else {
            self.buffers.line.extend_from_slice(self.format.message);
            let is_complete = Escaping::new(&mut self.buffers.line, self.limit).print(arguments);
            self.buffers.line.push(b'"');
            is_complete
        };
        self.is_cut |= !is_complete;
    }

    /// The message came after some field.
    fn insert_message(&mut self, arguments: fmt::Arguments<'_>) -> bool {
        let mut message = self.format.message.to_vec();
        let room = self.limit.saturating_sub(self.buffers.line.len()).max(message.len());
        let is_complete = Escaping::new(&mut message, room).print(arguments);
        message.push(b'"');
        let length = message.len();
        self.buffers.line.splice(self.message_at..self.message_at, message);
        self.fields_at = self.fields_at.map(|at| at + length);
        is_complete
    }

    /// Adds a member whose name is not known beforehand.
    pub(super) fn add_named(&mut self, name: &str, value: &Value) {
        let mut buffer = std::mem::take(&mut self.buffers.name);
        let plain = Name::within(name, &mut buffer);
        match self.format.renamed(name, &plain) {
            Some(ours) => self.add_value(&ours, value),
            None => self.add_value(&plain, value),
        }
        self.buffers.name = buffer;
    }

    /// Adds those members of a span or request that the record does not have yet.
    pub(super) fn add_members(&mut self, members: &Members) {
        if members.is_empty() {
            return;
        }
        self.is_cut |= members.is_cut();
        self.open_fields();
        let names = members.names();
        let fits = self.buffers.line.len() + members.bytes().len() <= self.limit;
        if fits && !self.may_share(names) && self.format.frees(names) {
            let bytes = separated(&self.buffers.line, members.bytes());
            self.buffers.line.extend_from_slice(bytes);
            self.buffers.names.extend(names);
        } else {
            self.add_one_by_one(members);
        }
    }

    #[cold]
    fn add_one_by_one(&mut self, members: &Members) {
        for (name, hash, member) in members.iter() {
            let value = &member[name.len()..];
            let renamed = self.format.renamed_encoded(name, hash);
            let (name, hash) = renamed.as_ref().map_or((name, hash), |ours| (ours.encoded(), ours.hash()));
            if self.buffers.line.len() + name.len() + value.len() > self.limit {
                self.is_cut = true;
            } else if !self.may_have(hash) || !self.has(name) {
                let line = &mut self.buffers.line;
                line.extend_from_slice(separated(line, name));
                line.extend_from_slice(value);
                self.buffers.names.add(hash);
            }
        }
    }

    /// Adds the fields of the current request; its id is there already.
    pub(super) fn add_context(&mut self) {
        context::with_current(|context| {
            if let Some(members) = context.encoded_fields() {
                self.add_members(members);
            }
        });
    }

    /// Says how many records of the same call site were suppressed before this one.
    pub(super) const fn tell_suppressed(&mut self, records: u64) {
        self.suppressed = records;
    }

    /// The record as one line of JSON, its keys in the order of the format.
    pub(super) fn finish(&mut self) -> &[u8] {
        self.write_place();
        // Marks stand in the last object where it is never closed before.
        let is_open = self.format.fields.is_none();
        if is_open {
            self.write_marks();
        }
        let has_object = self.fields_at.is_some() || is_open;
        let Buffers { line, tail, .. } = &mut *self.buffers;
        if has_object {
            line.push(b'}');
        }
        line.extend_from_slice(tail);
        if !is_open {
            self.write_marks();
        }
        self.buffers.line.extend_from_slice(b"}\n");
        &self.buffers.line
    }

    fn write_marks(&mut self) {
        let line = &mut self.buffers.line;
        if self.suppressed > 0 {
            line.extend_from_slice(separated(line, self.format.suppressed));
            number(line, self.suppressed);
        }
        if self.is_cut {
            line.extend_from_slice(separated(line, self.format.truncated));
        }
    }

    /// Writes what stands between the message and the fields.
    fn write_place(&mut self) {
        if std::mem::replace(&mut self.is_placed, true) {
            return;
        }
        let (line, format) = (&mut self.buffers.line, self.format);
        match self.origin {
            Origin::Site(site) => line.extend_from_slice(&site.place),
            Origin::Place(place) => self.is_cut |= !format.place(line, place),
        }
        context::with_current(|context| {
            if let Some(id) = context.request_id() {
                line.extend_from_slice(separated(line, format.request));
                id.append_to(line);
                line.push(b'"');
            }
        });
        line.extend_from_slice(format.after_request);
    }

    fn open_fields(&mut self) {
        if self.fields_at.is_none() {
            self.write_place();
            self.buffers.line.extend_from_slice(self.format.fields.unwrap_or_default());
            self.fields_at = Some(self.buffers.line.len());
        }
    }

    /// Adds what has a key of its own.
    fn add_after_fields(&mut self, key: &[u8], write: impl FnOnce(&mut Vec<u8>, usize) -> bool) {
        let Buffers { line, tail, .. } = &mut *self.buffers;
        if tail.is_empty() {
            tail.extend_from_slice(key);
            self.is_cut |= !write(tail, self.limit.saturating_sub(line.len()));
        }
    }

    fn may_share(&self, names: &Names) -> bool {
        let site = match self.origin {
            Origin::Site(site) => site.names.may_share(names),
            Origin::Place(_) => false,
        };
        site || self.buffers.names.may_share(names)
    }

    fn may_have(&self, hash: u64) -> bool {
        let site = match self.origin {
            Origin::Site(site) => site.names.may_have(hash),
            Origin::Place(_) => false,
        };
        site || self.buffers.names.may_have(hash)
    }

    /// Whether there is a member of this encoded name: `,"name":`. Escaping is injective, so equal encoded names are
    /// equal names.
    fn has(&self, encoded: &[u8]) -> bool {
        let name = encoded.get(2..encoded.len() - 2).unwrap_or_default();
        let fields = self.fields_at.map_or(&[][..], |at| &self.buffers.line[at..]);
        members_within(fields.strip_prefix(b",").unwrap_or(fields)).any(|(known, _)| known == name)
    }
}

impl Sink for Record<'_> {
    fn add(&mut self, name: &Name<'_>, write: impl FnOnce(&mut Vec<u8>, usize) -> bool) {
        if let Some(key) = self.format.error.filter(|_| name.is_error()) {
            return self.add_after_fields(key, write);
        }
        self.open_fields();
        if self.is_careful {
            if self.may_have(name.hash()) && self.has(name.encoded()) {
                return;
            }
            self.buffers.names.add(name.hash());
        }
        let line = &mut self.buffers.line;
        if line.len() + name.encoded().len() > self.limit {
            self.is_cut = true;
            return;
        }
        line.extend_from_slice(separated(line, name.encoded()));
        let is_complete = if name.is_secret() {
            encode::string(line, REDACTED, usize::MAX)
        } else {
            write(line, self.limit)
        };
        self.is_cut |= !is_complete;
    }

    fn add_found(&mut self, name: &Name<'_>, write: impl FnOnce(&mut Vec<u8>, usize) -> bool) {
        self.is_careful = true;
        self.add(name, write);
    }
}

impl Buffers {
    fn clear(&mut self) {
        for buffer in [&mut self.line, &mut self.tail, &mut self.name] {
            buffer.clear();
            buffer.shrink_to(KEPT_BYTES);
        }
        self.names.clear();
        self.names.shrink_to(KEPT_BYTES);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::Context;
    use crate::logs::format::LogFormat;
    use crate::observer::Level;

    const TIME: Duration = Duration::new(1_770_575_445, 123_456_789);
    const PLACE: Place<'static> = Place::nowhere(Level::Warn, "mirror::api");

    fn composed_in(format: &Format, place: &Place<'_>, compose: impl FnOnce(&mut Record<'_>)) -> String {
        Record::compose(format, TIME, Origin::Place(place), |record| {
            compose(record);
            String::from_utf8(record.finish().to_vec()).unwrap()
        })
    }

    fn composed(compose: impl FnOnce(&mut Record<'_>)) -> String {
        composed_in(&Format::new(LogFormat::Tachograph, "app", MAX_RECORD_BYTES), &PLACE, compose)
    }

    fn parsed(line: &str) -> serde_json::Value {
        serde_json::from_str(line).unwrap()
    }

    #[test]
    fn a_whole_record_has_its_keys_in_order() {
        let format = Format::new(LogFormat::Tachograph, "app", MAX_RECORD_BYTES);
        let place = Place { module: Some("mirror"), function: Some("fetch"), line: Some(156), ..PLACE };
        let line = Context::with_id("order-17").run(|| {
            composed_in(&format, &place, |record| {
                record.message(format_args!("hello"));
                record.add_named("size", &Value::Unsigned(u64::MAX));
            })
        });
        assert_eq!(
            line,
            concat!(
                r#"{"timestamp":"2026-02-08T18:30:45.123456Z","level":"WARN","logger":"mirror::api","message":"hello","#,
                r#""module":"mirror","function":"fetch","line":156,"request_id":"order-17","#,
                r#""extra":{"size":18446744073709551615}}"#,
                "\n"
            )
        );
    }

    #[test]
    fn unknown_keys_are_absent() {
        let expected = r#"{"timestamp":"2026-02-08T18:30:45.123456Z","level":"WARN","logger":"mirror::api"}"#;
        assert_eq!(composed(|_| {}).trim_end(), expected);
    }

    #[test]
    fn a_message_that_comes_late_stands_in_its_place() {
        let line = composed(|record| {
            record.add_named("first", &Value::Bool(true));
            record.message(format_args!("late"));
            record.message(format_args!("later"));
            record.add_named("first", &Value::Bool(false));
        });
        assert_eq!(line.matches("first").count(), 1, "{line}");
        assert!(line.contains(r#","message":"late","extra":{"first":true}}"#), "{line}");
    }

    #[test]
    fn the_request_stands_on_the_record_and_gives_way_to_its_fields() {
        let context = Context::with_id("order-17").field("user", "outer").field("shop", 7);
        let record = context.run(|| {
            parsed(&composed(|record| {
                record.add_named("user", &Value::Text("inner".into()));
                record.add_context();
            }))
        });
        assert_eq!(record["request_id"], "order-17");
        assert_eq!(record["extra"], serde_json::json!({"user": "inner", "shop": 7}));
    }

    #[test]
    fn a_field_that_is_added_to_a_context_is_on_its_next_record() {
        let record = || parsed(&composed(|record| record.add_context()));
        let context = Context::with_new_id().field("user", 1);
        let context = {
            let _entered = context.clone().enter();
            assert_eq!(record()["extra"], serde_json::json!({"user": 1}));
            Context::current()
        };
        drop(Context::with_new_id());
        context.field("user", 2).run(|| assert_eq!(record()["extra"], serde_json::json!({"user": 2})));
    }

    #[test]
    fn a_record_made_while_another_is_composed_disturbs_neither() {
        struct Nested;
        impl fmt::Display for Nested {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                let inner = parsed(&composed(|record| record.message(format_args!("inner"))));
                assert_eq!(inner["message"], "inner");
                formatter.write_str("shown")
            }
        }
        let outer = parsed(&composed(|record| {
            record.message(format_args!("before {Nested} after"));
            record.add_printed(&Name::of("nested"), format_args!("{Nested}"));
        }));
        assert_eq!(outer["message"], "before shown after");
        assert_eq!(outer["extra"]["nested"], "shown");
    }

    #[test]
    fn a_display_that_panics_leaves_nothing_behind() {
        let panicked = std::panic::catch_unwind(|| {
            composed(|record| {
                record.message(format_args!("left over"));
                std::panic::resume_unwind(Box::new(()))
            })
        });
        assert!(panicked.is_err());
        let next = parsed(&composed(|_| {}));
        assert_eq!((next.get("message"), next.get("extra")), (None, None));
    }

    #[test]
    fn a_record_that_was_cut_says_so_and_parses_and_is_within_its_length() {
        for max_bytes in [1024, 1500, 4096, MAX_RECORD_BYTES] {
            let format = Format::new(LogFormat::Tachograph, "app", max_bytes);
            let long = "é\u{1b}\"x".repeat(max_bytes);
            let check = |compose: &dyn Fn(&mut Record<'_>)| {
                let line = Context::with_id("r".repeat(128)).run(|| composed_in(&format, &PLACE, compose));
                assert!(line.len() <= max_bytes, "{} > {max_bytes}", line.len());
                let record = parsed(&line);
                assert_eq!(
                    (&record["truncated"], &record["request_id"]),
                    (&true.into(), &"r".repeat(128).into())
                );
                record
            };
            let record = check(&|record| record.message(format_args!("{long}")));
            assert!(long.starts_with(record["message"].as_str().unwrap()));
            let record = check(&|record| {
                record.add_named("short", &Value::Unsigned(1));
                record.add_named("long", &Value::Text(long.clone()));
                record.add_named("next", &Value::Unsigned(2));
                record.message(format_args!("{long}"));
            });
            assert_eq!((&record["extra"]["short"], record["extra"].get("next")), (&1.into(), None));
            assert!(long.starts_with(record["extra"]["long"].as_str().unwrap()));
            let record = check(&|record| {
                let mut members = Members::default();
                members.add_text(&Name::of("long"), &long);
                members.add_value(&Name::of("short"), &Value::Unsigned(1));
                record.message(format_args!("kept"));
                record.add_members(&members);
            });
            assert_eq!(record["message"], "kept");
        }
    }

    #[test]
    fn a_place_that_is_made_up_at_run_time_is_cut_as_well() {
        let long = "x\"".repeat(1_000_000);
        for log_format in [LogFormat::Tachograph, LogFormat::Ecs, LogFormat::Otel, LogFormat::Gcp] {
            let format = Format::new(log_format, "app", MAX_RECORD_BYTES);
            let place = Place { logger: &long, function: Some(&long), module: Some(&long), ..PLACE };
            let line = composed_in(&format, &place, |record| record.message(format_args!("{long}")));
            assert!(line.len() < MAX_RECORD_BYTES + 16 * 1024, "{}", line.len());
            assert!(parsed(&line).is_object() && line.contains("truncated\":true"));
        }
    }

    #[test]
    fn buffers_of_a_huge_record_are_given_back() {
        composed(|record| record.message(format_args!("{}", "x".repeat(2 * MAX_RECORD_BYTES))));
        composed(|record| {
            assert!(record.buffers.line.capacity() <= KEPT_BYTES);
        });
    }

    #[test]
    fn suppressed_records_are_told_beside_the_fields() {
        let line = composed(|record| {
            record.tell_suppressed(7);
            record.add_named("suppressed", &Value::Unsigned(1));
        });
        assert!(line.ends_with("\"extra\":{\"suppressed\":1},\"suppressed\":7}\n"), "{line}");
    }
}
