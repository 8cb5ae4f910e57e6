//! From values to JSON. Pure: reads no clock, touches no file.
//!
//! What gives a truth value is false where the text had to be cut, because `out` would have passed `limit` bytes.

use std::fmt;
use std::time::Duration;

use super::escape::{Escaping, escape};
use crate::field::Value;

/// Appends a string with its quotes.
pub(super) fn string(out: &mut Vec<u8>, text: &str, limit: usize) -> bool {
    out.push(b'"');
    let complete = escape(out, text, limit);
    out.push(b'"');
    complete
}

/// Appends what `arguments` print, as a string.
pub(super) fn printed(out: &mut Vec<u8>, arguments: fmt::Arguments<'_>, limit: usize) -> bool {
    out.push(b'"');
    let complete = Escaping::new(out, limit).print(arguments);
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
pub(super) fn value(out: &mut Vec<u8>, value: &Value, limit: usize) -> bool {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(truth) => boolean(out, *truth),
        Value::Signed(signed) => number(out, *signed),
        Value::Unsigned(unsigned) => number(out, *unsigned),
        Value::Float(number) => float(out, *number),
        Value::Text(text) => return string(out, text, limit),
    }
    true
}

pub(super) fn boolean(out: &mut Vec<u8>, truth: bool) {
    out.extend_from_slice(if truth { b"true" } else { b"false" });
}

pub(super) fn number(out: &mut Vec<u8>, number: impl itoa::Integer) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// The shortest number that reads back as the same; JSON has none for those that are not finite.
pub(super) fn float(out: &mut Vec<u8>, number: f64) {
    let mut digits = zmij::Buffer::new();
    let text = match number {
        finite if finite.is_finite() => digits.format_finite(finite).as_bytes(),
        unknown if unknown.is_nan() => br#""NaN""#,
        infinite if infinite > 0.0 => br#""Infinity""#,
        _ => br#""-Infinity""#,
    };
    out.extend_from_slice(text);
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
fn decimal(out: &mut Vec<u8>, whole: u64, mut fraction: u32, digits: usize) {
    number(out, whole);
    out.push(b'.');
    let start = out.len();
    out.resize(start + digits, b'0');
    for digit in out[start..].iter_mut().rev() {
        *digit = b'0' + (fraction % 10) as u8;
        fraction /= 10;
    }
    while out.len() > start + 1 && out.last() == Some(&b'0') {
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

    #[test]
    fn numbers_keep_their_type_and_value() {
        check(|out| number(out, 0), "0");
        check(|out| number(out, u64::MAX), "18446744073709551615");
        check(|out| number(out, i64::MIN), "-9223372036854775808");
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
