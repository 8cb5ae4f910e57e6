//! The encoder, and what must hold of it.

#[path = "../../../../runtime/src/logs/encode.rs"]
mod encode;
#[path = "../../../../runtime/src/logs/escape.rs"]
mod escape;
#[path = "../../../../runtime/src/logs/members.rs"]
mod members;
#[path = "../../../../runtime/src/logs/names.rs"]
mod names;
#[path = "../../../../runtime/src/logs/redact.rs"]
mod redact;

use serde_json::{Map, Value as Json};

use self::members::{Members, Sink};
use self::names::Name;
use crate::field::Value;

pub(crate) fn check(bytes: &[u8]) {
    let (mut members, mut expected) = (Members::default(), Map::new());
    let mut texts = bytes.split(|byte| *byte == 0xff).map(String::from_utf8_lossy);
    while let (Some(name), Some(text)) = (texts.next(), texts.next()) {
        let value = value(&text);
        members.add_value(&Name::of(&name), &value);
        let shown = if redact::is_secret(&name) { Json::from(redact::REDACTED) } else { json(&value) };
        expected.entry(name.into_owned()).or_insert(shown);
    }
    if members.is_cut() {
        return;
    }
    let line =
        format!("{{{}}}", str::from_utf8(members.bytes().get(1..).unwrap_or_default()).expect("it is text"));
    let parsed: Map<String, Json> =
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
    assert!(!line.chars().any(char::is_control), "{line}");
    assert_eq!(members.iter().count(), expected.len(), "{line}");
    assert_eq!(parsed, expected, "{line}");
}

/// Eight bytes are a number.
fn value(text: &str) -> Value {
    match <[u8; 8]>::try_from(text.as_bytes()) {
        Ok(bytes) if bytes[0] % 3 == 0 => Value::Float(f64::from_le_bytes(bytes)),
        Ok(bytes) if bytes[0] % 3 == 1 => Value::Signed(i64::from_le_bytes(bytes)),
        _ => Value::Text(text.to_owned()),
    }
}

fn json(value: &Value) -> Json {
    match value {
        Value::Float(float) if float.is_nan() => "NaN".into(),
        Value::Float(float) if float.is_infinite() => {
            if *float > 0.0 { "Infinity" } else { "-Infinity" }.into()
        }
        Value::Float(float) => (*float).into(),
        Value::Signed(number) => (*number).into(),
        Value::Text(text) => text.clone().into(),
        other => panic!("{other:?} is not made here"),
    }
}
