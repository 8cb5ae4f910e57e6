//! Records of whatever a program may log: each parses, has no key twice at any level, and gives back what went in.
//!
//! What is logged is made up at random, the same at each run; `NAUGHTY_RECORDS=1000000` makes more of it.

use serde_json::{Map, Number};
use tracing::field::{Empty, FieldSet, display};
use tracing::{Dispatch, Event, Metadata, Span, Value, dispatcher};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry;

use super::*;
use crate::context::Context;
use crate::logs::redact::is_secret;

/// SplitMix64, as in `request_id.rs`.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % end as u64) as usize
    }

    fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    /// Pieces that make trouble, and any characters at all.
    fn text(&mut self) -> String {
        const PIECES: [&str; 20] = [
            "",
            "a",
            "plain text of some length, past a chunk",
            "\"",
            "\\",
            "\\u0022",
            "\n{\"level\":\"ERROR\"}\n",
            "\r\n",
            "\t",
            "\u{0}",
            "\u{1b}[2J",
            "\u{7f}",
            "\u{85}\u{9b}",
            "\u{2028}\u{2029}",
            "\u{202e}txt.exe\u{2066}",
            "\u{feff}\u{61c}",
            "é漢🦀\u{10ffff}",
            "\u{fffd}\u{ffff}",
            "{}:,[]",
            "\",\"level\":\"ERROR",
        ];
        let mut text = String::new();
        for _ in 0..self.below(5) {
            text += self.of(&PIECES);
            if let Some(character) = char::from_u32(self.below(0x11_0000) as u32) {
                text.push(character);
            }
        }
        text
    }

    /// Few, so that they meet.
    fn name(&mut self) -> &'static str {
        const NAMES: [&str; 24] = [
            "user",
            "shop",
            "path",
            "message",
            "error",
            "causes",
            "extra",
            "level",
            "timestamp",
            "logger",
            "request_id",
            "truncated",
            "suppressed",
            "password",
            "db_token",
            "code.line.number",
            "http.request.id",
            "extra.request_id",
            "exception.message",
            "",
            "a\"b",
            "a\\",
            "a\nb\u{202e}",
            "漢",
        ];
        self.of(&NAMES)
    }

    fn value(&mut self) -> Json {
        match self.below(8) {
            0 => Json::Null,
            1 => Json::Bool(self.below(2) == 0),
            2 => self.of(&[0, -1, i64::MIN, i64::MAX, 42]).into(),
            3 => self.of(&[0, u64::MAX, 1 << 53]).into(),
            4 => Number::from_f64(self.of(&[0.0, -0.0, 0.1, 1e300, -5e-324, f64::MAX, 12.3456])).into(),
            5 => Json::from(["NaN", "Infinity", "-Infinity"][self.below(3)]),
            _ => self.text().into(),
        }
    }
}

const FIELDS: usize = 4;

/// A call site's fields, and what each is to say.
struct Said {
    metadata: &'static Metadata<'static>,
    values: [Json; FIELDS],
}

impl Said {
    /// Call sites are for ever: there are only so many different ones.
    fn new(random: &mut Random, sites: &[&'static Metadata<'static>]) -> Self {
        Self { metadata: random.of(sites), values: std::array::from_fn(|_| random.value()) }
    }

    /// Hands out the values as `tracing` takes them.
    fn tell<T>(&self, take: impl FnOnce(&tracing::field::ValueSet<'_>) -> T) -> T {
        let boxed: [Box<dyn Value>; FIELDS] = std::array::from_fn(|at| boxed(&self.values[at]));
        let mut fields = self.metadata.fields().iter();
        let fields: [_; FIELDS] = std::array::from_fn(|_| fields.next().unwrap());
        let pairs: [_; FIELDS] = std::array::from_fn(|at| (&fields[at], Some(&*boxed[at])));
        take(&self.metadata.fields().value_set(&pairs))
    }

    /// Adds what a record has to show of it; what is there stays.
    fn expect(&self, extra: &mut Map<String, Json>, mut message: Option<&mut Option<String>>) {
        for (field, value) in self.metadata.fields().iter().zip(&self.values) {
            match (value, &mut message) {
                (Json::Null, _) => {}
                (value, Some(message)) if field.name() == "message" => {
                    message.get_or_insert_with(|| shown(value));
                }
                (value, _) => expect(extra, field.name(), value),
            }
        }
    }
}

fn boxed(value: &Json) -> Box<dyn Value> {
    match value {
        Json::Bool(truth) => Box::new(*truth),
        Json::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
            (Some(number), ..) => Box::new(number),
            (_, Some(number), _) => Box::new(number),
            (.., number) => Box::new(number.unwrap()),
        },
        Json::String(text) => match text.as_str() {
            "NaN" => Box::new(f64::NAN),
            "Infinity" => Box::new(f64::INFINITY),
            "-Infinity" => Box::new(f64::NEG_INFINITY),
            text if text.len() % 2 == 0 => Box::new(text.to_owned()),
            text => Box::new(display(text.to_owned())),
        },
        _ => Box::new(Empty),
    }
}

/// As a message shows it.
fn shown(value: &Json) -> String {
    match value {
        Json::String(text) => match text.as_str() {
            "Infinity" => "inf".to_owned(),
            "-Infinity" => "-inf".to_owned(),
            text => text.to_owned(),
        },
        Json::Number(number) => match number.as_f64().filter(|_| number.is_f64()) {
            Some(float) => format!("{float}"),
            None => number.to_string(),
        },
        other => other.to_string(),
    }
}

fn expect(extra: &mut Map<String, Json>, name: &str, value: &Json) {
    let value = if is_secret(name) { Json::from("[redacted]") } else { value.clone() };
    extra.entry(name).or_insert(value);
}

/// Names of fields of a thousand call sites.
fn sites(random: &mut Random) -> Vec<&'static Metadata<'static>> {
    let callsite = tracing::info_span!("any").metadata().unwrap().callsite();
    let mut make = || {
        let names: &'static [&'static str; FIELDS] =
            Box::leak(Box::new(std::array::from_fn(|_| random.name())));
        let fields = FieldSet::new(names, callsite.clone());
        let (level, kind) = (tracing::Level::INFO, tracing::metadata::Kind::EVENT);
        let target = "app::\"naughty\"\n";
        let metadata =
            Metadata::new("name", target, level, Some("file\n.rs"), Some(7), Some("mod\u{7f}"), fields, kind);
        &*Box::leak(Box::new(metadata))
    };
    (0..1_000).map(|_| make()).collect()
}

/// No key stands twice, in no object.
#[track_caller]
fn assert_unique(object: &[u8], line: &str) {
    let mut keys: Vec<_> = members(object).map(|(key, _)| key).collect();
    let all = keys.len();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), all, "a key stands twice: {line}");
    members(object)
        .filter(|(_, value)| value.starts_with(b"{"))
        .for_each(|(_, value)| assert_unique(value, line));
}

/// What was logged, by the number of the record.
struct Expected {
    message: Option<String>,
    extra: Map<String, Json>,
}

fn log(random: &mut Random, sites: &[&'static Metadata<'static>]) -> Expected {
    let mut expected = Expected { message: None, extra: Map::new() };
    let spans: Vec<_> = (0..random.below(3)).map(|_| Said::new(random, sites)).collect();
    let event = Said::new(random, sites);
    let requested: Vec<_> = (0..random.below(3)).map(|_| (random.name(), random.text())).collect();
    let mut context = Context::with_id("order-17");
    for (name, value) in &requested {
        context = context.field(name, value.as_str());
    }
    context.run(|| {
        let mut entered = Vec::new();
        for said in &spans {
            entered.push(said.tell(|values| Span::new(said.metadata, values)).entered());
        }
        event.tell(|values| {
            dispatcher::get_default(|dispatch| dispatch.event(&Event::new(event.metadata, values)))
        });
        entered.into_iter().rev().for_each(drop);
    });
    event.expect(&mut expected.extra, Some(&mut expected.message));
    spans.iter().rev().for_each(|said| said.expect(&mut expected.extra, None));
    let mut fields = Map::new();
    requested.iter().for_each(|(name, value)| drop(fields.insert((*name).to_owned(), value.as_str().into())));
    fields.iter().for_each(|(name, value)| expect(&mut expected.extra, name, value));
    expected
}

/// Logs at random in a format, and gives for each record what was logged, the line, and what a parser makes of it.
fn check(format: LogFormat, seed: u64, mut check: impl FnMut(&Expected, &str, &Json)) {
    let many = std::env::var("NAUGHTY_RECORDS").map_or(2_000, |number| number.parse().unwrap());
    let dir = TestDir::new();
    let logs = Logs::open(LogSettings { format, ..settings(&dir.0, 0, 0) }).unwrap();
    let mut random = Random(seed);
    let dispatch = Dispatch::new(registry().with(logs.layer()));
    let expected: Vec<_> = dispatcher::with_default(&dispatch, || {
        let sites = sites(&mut random);
        (0..many).map(|_| log(&mut random, &sites)).collect()
    });
    logs.shutdown(LONG).unwrap();
    let lines = dir.read("app.log");
    assert_eq!(lines.lines().count(), many, "a record forged a line");
    for (expected, line) in expected.iter().zip(lines.lines()) {
        let parsed = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(
            !line
                .chars()
                .any(|character| character.is_control() || "\u{2028}\u{202e}\u{2066}".contains(character))
        );
        assert_unique(line.as_bytes(), line);
        check(expected, line, &parsed);
    }
}

#[track_caller]
fn assert_same(found: Option<&Json>, expected: &Map<String, Json>, line: &str) {
    let empty = Map::new();
    let found = found.map_or(&empty, |found| found.as_object().unwrap());
    assert_eq!(found, expected, "{line}");
}

#[test]
fn whatever_is_logged_comes_back_as_it_was() {
    check(LogFormat::Tachograph, 1, |expected, line, parsed| {
        record(line);
        assert_eq!(parsed.get("message").and_then(Json::as_str), expected.message.as_deref(), "{line}");
        assert_eq!((&parsed["level"], &parsed["request_id"]), (&"INFO".into(), &"order-17".into()));
        assert_eq!(parsed["logger"], "app::\"naughty\"\n");
        assert_same(parsed.get("extra"), &expected.extra, line);
    });
}

#[test]
fn whatever_is_logged_comes_back_in_ecs() {
    check(LogFormat::Ecs, 2, |expected, line, parsed| {
        assert!(line.starts_with("{\"@timestamp\":\"") && line.contains(",\"ecs.version\":\""), "{line}");
        assert_eq!((&parsed["log.level"], &parsed["http.request.id"]), (&"info".into(), &"order-17".into()));
        assert_eq!(parsed.get("message").and_then(Json::as_str), expected.message.as_deref(), "{line}");
        assert_eq!(parsed["log.origin.file.line"], 7);
        // Of an event the error has a key of its own; one of a span, or of a request, stays where it is.
        let mut found = parsed.get("extra").and_then(Json::as_object).cloned().unwrap_or_default();
        if let Some(error) = parsed.get("error.message") {
            found.insert("error".to_owned(), error.clone());
        }
        assert_same(Some(&found.into()), &expected.extra, line);
    });
}

#[test]
fn whatever_is_logged_comes_back_in_gcp() {
    check(LogFormat::Gcp, 3, |expected, line, parsed| {
        assert_eq!(
            (&parsed["severity"], &parsed["serviceContext"]["service"]),
            (&"INFO".into(), &"app".into())
        );
        assert_eq!(parsed["logging.googleapis.com/labels"]["request_id"], "order-17");
        assert_eq!(parsed["logging.googleapis.com/sourceLocation"]["line"], "7");
        assert_eq!(parsed.get("message").and_then(Json::as_str), expected.message.as_deref(), "{line}");
        assert_same(parsed.get("extra"), &expected.extra, line);
    });
}

#[test]
fn whatever_is_logged_comes_back_in_otel_and_hides_no_attribute_of_ours() {
    check(LogFormat::Otel, 4, |expected, line, parsed| {
        assert_eq!((&parsed["severity_text"], &parsed["severity_number"]), (&"INFO".into(), &9.into()));
        assert_eq!(parsed.get("body").and_then(Json::as_str), expected.message.as_deref(), "{line}");
        let attributes = parsed["attributes"].as_object().unwrap();
        let ours = (&attributes["request_id"], &attributes["code.line.number"]);
        assert_eq!(ours, (&"order-17".into(), &7.into()), "{line}");
        for (name, value) in &expected.extra {
            let found = match name.as_str() {
                // Renamed, and then they may meet a field that is called like that.
                "request_id" | "extra.request_id" => attributes.get("extra.request_id"),
                "code.line.number" => attributes.get("extra.code.line.number"),
                "error" | "exception.message" => {
                    attributes.get("exception.message").or(attributes.get("error"))
                }
                name => attributes.get(name),
            };
            let may_meet =
                matches!(name.as_str(), "request_id" | "extra.request_id" | "error" | "exception.message");
            assert!(found == Some(value) || may_meet && found.is_some(), "{name}: {line}");
        }
    });
}
