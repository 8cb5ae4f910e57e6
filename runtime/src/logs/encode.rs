//! From a record to one line of JSON. Pure: reads no clock, touches no file.

use std::fmt;
use std::io::Write;
use std::time::Duration;

use super::escape::{Escaping, escape};
use super::members::Members;
use super::timestamp::timestamp;
use crate::field::Value;
use crate::observer::Level;

/// No line is longer than this, save for the names in the code. What is cut is marked `"truncated":true`.
pub(super) const MAX_RECORD_BYTES: usize = 256 * 1024;

/// What the keys of a record say, its fields aside.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head<'a> {
    pub(super) time: Duration,
    pub(super) level: Level,
    pub(super) logger: &'a str,
    pub(super) module: Option<&'a str>,
    pub(super) function: Option<&'a str>,
    pub(super) line: Option<u32>,
}

/// The message, escaped already; `complete` unless it was cut.
#[derive(Clone, Copy, Debug)]
pub(super) struct Message<'a> {
    pub(super) escaped: Option<&'a [u8]>,
    pub(super) complete: bool,
}

/// Appends a record as one line with its line feed, the keys in the order of the contract.
pub(super) fn line(
    out: &mut Vec<u8>,
    head: &Head<'_>,
    message: Message<'_>,
    request_id: &str,
    extra: &Members,
) {
    out.extend_from_slice(br#"{"timestamp":""#);
    out.extend_from_slice(&timestamp(head.time));
    out.extend_from_slice(br#"","level":""#);
    out.extend_from_slice(level(head.level).as_bytes());
    out.extend_from_slice(br#"","logger":"#);
    let mut complete = string(out, head.logger) && message.complete && !extra.is_cut();
    if let Some(escaped) = message.escaped {
        out.extend_from_slice(br#","message":""#);
        out.extend_from_slice(escaped);
        out.push(b'"');
    }
    for (key, text) in [(r#","module":"#, head.module), (r#","function":"#, head.function)] {
        if let Some(text) = text {
            out.extend_from_slice(key.as_bytes());
            complete &= string(out, text);
        }
    }
    if let Some(line) = head.line {
        out.extend_from_slice(br#","line":"#);
        unsigned(out, line.into());
    }
    if !request_id.is_empty() {
        out.extend_from_slice(br#","request_id":"#);
        complete &= string(out, request_id);
    }
    if !extra.is_empty() {
        out.extend_from_slice(br#","extra":{"#);
        complete &= extra.write_to(out, MAX_RECORD_BYTES.saturating_sub(out.len()));
        out.push(b'}');
    }
    if !complete {
        out.extend_from_slice(br#","truncated":true"#);
    }
    out.extend_from_slice(b"}\n");
}

const fn level(level: Level) -> &'static str {
    match level {
        Level::Trace => "TRACE",
        Level::Debug => "DEBUG",
        Level::Info => "INFO",
        Level::Warn => "WARN",
        Level::Error => "ERROR",
    }
}

/// Appends a string with its quotes; false where it had to be cut. So do the others below that give a truth value.
pub(super) fn string(out: &mut Vec<u8>, text: &str) -> bool {
    out.push(b'"');
    let complete = escape(out, text, MAX_RECORD_BYTES);
    out.push(b'"');
    complete
}

/// Appends what `arguments` print, as a string.
pub(super) fn printed(out: &mut Vec<u8>, arguments: fmt::Arguments<'_>) -> bool {
    out.push(b'"');
    let complete = Escaping::new(out, MAX_RECORD_BYTES).print(arguments);
    out.push(b'"');
    complete
}

/// Appends an array.
pub(super) fn list<T>(
    out: &mut Vec<u8>,
    items: impl IntoIterator<Item = T>,
    item: impl Fn(&mut Vec<u8>, T) -> bool,
) -> bool {
    let mut complete = true;
    out.push(b'[');
    for (position, value) in items.into_iter().enumerate() {
        if position > 0 {
            out.push(b',');
        }
        complete &= item(out, value);
    }
    out.push(b']');
    complete
}

/// Appends a value as the JSON type that it has.
pub(super) fn value(out: &mut Vec<u8>, value: &Value) -> bool {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(truth) => boolean(out, *truth),
        Value::Signed(number) => signed(out, *number),
        Value::Unsigned(number) => unsigned(out, *number),
        Value::Float(number) => float(out, *number),
        Value::Text(text) => return string(out, text),
    }
    true
}

pub(super) fn boolean(out: &mut Vec<u8>, truth: bool) {
    out.extend_from_slice(if truth { b"true" } else { b"false" });
}

pub(super) fn signed(out: &mut Vec<u8>, number: i64) {
    if number < 0 {
        out.push(b'-');
    }
    unsigned(out, number.unsigned_abs());
}

pub(super) fn unsigned(out: &mut Vec<u8>, mut number: u64) {
    let mut digits = [0; 20];
    let mut start = digits.len();
    loop {
        start -= 1;
        digits[start] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[start..]);
}

/// The shortest number that reads back as the same; JSON has none for those that are not finite.
pub(super) fn float(out: &mut Vec<u8>, number: f64) {
    let text = match number {
        infinite if infinite == f64::INFINITY => r#""Infinity""#,
        infinite if infinite == f64::NEG_INFINITY => r#""-Infinity""#,
        unknown if unknown.is_nan() => r#""NaN""#,
        finite => {
            // Writing to a vector does not fail.
            let _ = write!(out, "{finite:?}");
            return;
        }
    };
    out.extend_from_slice(text.as_bytes());
}

/// A duration in seconds, to the nanosecond.
pub(super) fn seconds(out: &mut Vec<u8>, duration: Duration) {
    decimal(out, duration.as_secs(), duration.subsec_nanos(), 9);
}

/// A duration in milliseconds, to the nanosecond.
pub(super) fn millis(out: &mut Vec<u8>, duration: Duration) {
    let whole = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    decimal(out, whole, duration.subsec_nanos() % 1_000_000, 6);
}

/// Exact, without an exponent, and always with a point: a log store that sees a bare `12` first takes the field for
/// one of integers.
fn decimal(out: &mut Vec<u8>, whole: u64, fraction: u32, digits: usize) {
    unsigned(out, whole);
    let start = out.len() + 2;
    let _ = write!(out, ".{fraction:0digits$}");
    while out.len() > start && out.last() == Some(&b'0') {
        out.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(write: impl FnOnce(&mut Vec<u8>), expected: &str) {
        let mut out = Vec::new();
        write(&mut out);
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    const HEAD: Head<'static> = Head {
        time: Duration::new(1_770_575_445, 123_456_789),
        level: Level::Warn,
        logger: "mirror::api",
        module: None,
        function: None,
        line: None,
    };

    #[test]
    fn a_whole_record_has_its_keys_in_order() {
        let head = Head { module: Some("mirror"), function: Some("fetch"), line: Some(156), ..HEAD };
        let mut extra = Members::default();
        extra.add_value("size", &Value::Unsigned(u64::MAX));
        let message = Message { escaped: Some(b"hello"), complete: true };
        check(
            |out| line(out, &head, message, "order-17", &extra),
            concat!(
                r#"{"timestamp":"2026-02-08T18:30:45.123456Z","level":"WARN","logger":"mirror::api","message":"hello","#,
                r#""module":"mirror","function":"fetch","line":156,"request_id":"order-17","#,
                r#""extra":{"size":18446744073709551615}}"#,
                "\n"
            ),
        );
    }

    #[test]
    fn unknown_keys_are_absent() {
        check(
            |out| line(out, &HEAD, Message { escaped: None, complete: true }, "", &Members::default()),
            "{\"timestamp\":\"2026-02-08T18:30:45.123456Z\",\"level\":\"WARN\",\"logger\":\"mirror::api\"}\n",
        );
    }

    #[test]
    fn a_record_that_was_cut_says_so_and_parses() {
        let (mut out, mut extra) = (Vec::new(), Members::default());
        extra.add_text("a", "kept");
        extra.add_text("b", &"x".repeat(MAX_RECORD_BYTES / 2));
        let long = vec![b'm'; MAX_RECORD_BYTES - 1_000];
        line(&mut out, &HEAD, Message { escaped: Some(&long), complete: true }, "", &extra);
        assert!(out.len() < MAX_RECORD_BYTES + 100);
        let parsed: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(parsed["extra"], serde_json::json!({"a": "kept"}));
        assert_eq!(parsed["truncated"], true);
    }

    #[test]
    fn numbers_keep_their_type_and_value() {
        check(|out| unsigned(out, 0), "0");
        check(|out| signed(out, i64::MIN), "-9223372036854775808");
        for number in [0.0, -0.0, 1.0, 0.1, 1e300, -5e-324, f64::MAX, 12.3456] {
            let mut out = Vec::new();
            float(&mut out, number);
            let parsed: f64 = str::from_utf8(&out).unwrap().parse().unwrap();
            assert_eq!(parsed.to_bits(), number.to_bits());
            assert!(serde_json::from_slice::<serde_json::Number>(&out).is_ok());
        }
    }

    #[test]
    fn numbers_that_are_not_finite_are_strings() {
        check(|out| float(out, f64::NAN), r#""NaN""#);
        check(|out| float(out, f64::INFINITY), r#""Infinity""#);
        check(|out| float(out, f64::NEG_INFINITY), r#""-Infinity""#);
    }

    #[test]
    fn durations_are_plain_and_exact() {
        check(|out| seconds(out, Duration::from_micros(12_345_600)), "12.3456");
        check(|out| millis(out, Duration::from_micros(12_345_600)), "12345.6");
        check(|out| seconds(out, Duration::from_nanos(1)), "0.000000001");
        check(|out| millis(out, Duration::from_nanos(1)), "0.000001");
        check(|out| seconds(out, Duration::from_secs(12)), "12.0");
        check(|out| millis(out, Duration::ZERO), "0.0");
        check(|out| seconds(out, Duration::MAX), "18446744073709551615.999999999");
    }
}
