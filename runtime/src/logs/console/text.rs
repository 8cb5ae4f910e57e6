//! A record as text.
//!
//! It is made from the encoded line, whose control characters are escaped already: nothing that a record holds can move the
//! cursor, change colours or fake a line.

use crate::logs::format::{LogFormat, Part};
use crate::logs::scan::{members, string, unescape};

const DIM: &str = "\x1b[2m";
const BOLD: &str = "\x1b[1m";
const RESET: &str = "\x1b[0m";

/// Loggers are made equally wide up to here.
const WIDEST: usize = 32;

/// Appends the text for an encoded line: time, level, logger, message, request id, fields.
pub(super) fn text(out: &mut Vec<u8>, line: &[u8], format: LogFormat, colours: bool, width: &mut usize) {
    let style = |code: &'static str| if colours { code } else { "" };
    let (mut message, mut request_id, mut labels, mut fields, mut error) = (None, None, None, None, None);
    for (key, value) in members(line) {
        match format.part(key) {
            Part::Time => {
                // The time of day, to the millisecond: a watcher knows the date.
                let time = string(value).and_then(|text| text.get(11..23)).unwrap_or_default();
                put(out, &[style(DIM).as_bytes(), time, b"Z", style(RESET).as_bytes()]);
            }
            Part::Level => {
                let level = string(value).unwrap_or_default().to_ascii_uppercase();
                put(out, &[b" ", style(colour(&level)).as_bytes(), &level, &b"     "[level.len().min(5)..]]);
                put(out, &[style(RESET).as_bytes()]);
            }
            Part::Logger | Part::Scope => {
                let logger = string(value).or_else(|| string(members(value).next()?.1));
                put(out, &[b" ", style(DIM).as_bytes()]);
                let logger = logger.unwrap_or_default();
                unescape(out, logger);
                put(out, &[b":", style(RESET).as_bytes()]);
                *width = logger.len().min(WIDEST).max(*width);
                out.resize(out.len() + width.saturating_sub(logger.len()), b' ');
            }
            Part::Message => message = string(value),
            Part::Request => request_id = Some(value),
            Part::Error => error = Some(value),
            Part::Labels => labels = Some(value),
            Part::Fields => fields = Some(value),
            Part::Other => {}
        }
    }
    // Not every format has the logger before it.
    if let Some(message) = message {
        out.push(b' ');
        unescape(out, message);
    }
    let request = request_id.map(|id| (b"request_id".as_slice(), id, BOLD));
    let error = error.map(|error| (b"error".as_slice(), error));
    let (labels, fields) = (members(labels.unwrap_or_default()), members(fields.unwrap_or_default()));
    let others = labels.chain(fields).chain(error).map(|(name, value)| (name, value, ""));
    for (name, value, weight) in request.into_iter().chain(others) {
        put(out, &[b" ", style(DIM).as_bytes()]);
        unescape(out, name);
        put(out, &[b"=", style(RESET).as_bytes(), style(weight).as_bytes()]);
        let bare = string(value).filter(|text| is_bare(text));
        out.extend_from_slice(bare.unwrap_or(value));
        if !weight.is_empty() {
            out.extend_from_slice(style(RESET).as_bytes());
        }
    }
    out.push(b'\n');
}

const fn colour(level: &[u8]) -> &'static str {
    match level {
        b"ERROR" => "\x1b[31m",
        b"WARN" | b"WARNING" => "\x1b[33m",
        b"INFO" => "\x1b[32m",
        _ => "\x1b[34m",
    }
}

fn put(out: &mut Vec<u8>, pieces: &[&[u8]]) {
    pieces.iter().for_each(|piece| out.extend_from_slice(piece));
}

/// Whether a text can stand without quotes.
fn is_bare(text: &[u8]) -> bool {
    !text.is_empty() && !text.iter().any(|byte| matches!(byte, b' ' | b'"' | b'\\' | b'='))
}

/// The text for a line, for other tests.
#[cfg(test)]
pub(in crate::logs) fn text_of(line: &str, format: LogFormat) -> String {
    let mut out = Vec::new();
    text(&mut out, line.as_bytes(), format, false, &mut 0);
    String::from_utf8(out).unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: &str) {
        let mut out = Vec::new();
        text(&mut out, line.as_bytes(), LogFormat::Tachograph, false, &mut 0);
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn a_record_reads_as_text() {
        check(
            concat!(
                r#"{"timestamp":"2026-02-08T18:30:45.123456Z","level":"INFO","logger":"mirror.performance","#,
                r#""message":"Performance: fetch","module":"mirror","function":"fetch","line":156,"request_id":"r-1","#,
                r#""extra":{"duration_ms":12.5,"url":"http://x/?a","empty":"","list":["a, b","}"],"q":"say \"hi\""}}"#,
                "\n"
            ),
            concat!(
                "18:30:45.123Z INFO  mirror.performance: Performance: fetch request_id=r-1 duration_ms=12.5 ",
                "url=http://x/?a empty=\"\" list=[\"a, b\",\"}\"] q=\"say \\\"hi\\\"\"\n"
            ),
        );
    }

    #[test]
    fn control_characters_stay_escaped() {
        check(
            r#"{"timestamp":"2026-02-08T18:30:45.123456Z","level":"ERROR","logger":"l","message":"a\u001b[2Jb\nc \"d\" \\"}"#,
            "18:30:45.123Z ERROR l: a\\u001b[2Jb\\nc \"d\" \\\n",
        );
    }

    #[test]
    fn colours_come_only_when_asked_for() {
        let line =
            br#"{"timestamp":"2026-02-08T18:30:45.123456Z","level":"WARN","logger":"l","message":"m"}"#;
        let mut out = Vec::new();
        text(&mut out, line, LogFormat::Tachograph, true, &mut 0);
        assert!(String::from_utf8(out).unwrap().contains("\x1b[33mWARN \x1b[0m"));
    }

    #[test]
    fn anything_at_all_is_shown_without_a_panic() {
        for line in
            ["", "{", "{}", "{\"", "{\"timestamp\":1}", "{\"level\":\"LONGER\"}", "[]", "{\"a\"}", "{\"a\":}"]
        {
            text(&mut Vec::new(), line.as_bytes(), LogFormat::Tachograph, true, &mut 0);
        }
    }

    #[test]
    fn messages_stand_below_each_other_unless_a_logger_is_very_long() {
        let (mut out, mut width) = (Vec::new(), 0);
        for logger in ["abc", "a", &"x".repeat(40), "ab"] {
            text(
                &mut out,
                format!(r#"{{"logger":"{logger}","message":"m"}}"#).as_bytes(),
                LogFormat::Tachograph,
                false,
                &mut width,
            );
        }
        let expected = format!(" abc: m\n a:   m\n {}: m\n ab:{} m\n", "x".repeat(40), " ".repeat(30));
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
