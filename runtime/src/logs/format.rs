//! How the keys of a record are named: the contract's way, or as a log store knows them.
//!
//! In every format a record has keys of its own, and the fields stand in an object of theirs: no field can take the
//! place of a key. Where that object has keys of ours too, as in OpenTelemetry's attributes, a field of such a name gets
//! another one.

use super::encode::{number, string};
use super::names::{Name, Names};
use crate::observer::Level;

/// How the keys of a record are named.
///
/// | format | keys |
/// |---|---|
/// | `Tachograph` | `timestamp`, `level`, `logger`, `message`, `module`, `function`, `line`, `request_id`, `extra` |
/// | `Ecs` | Elastic Common Schema 8.11: `@timestamp`, `log.level`, `message`, `log.logger`, `http.request.id`, `error.message`, …; fields under `extra`, with their types |
/// | `Otel` | the log data model of OpenTelemetry: `timestamp`, `severity_text`, `severity_number`, `body`, `resource`, `instrumentation_scope`, `attributes` |
/// | `Gcp` | Google Cloud Logging: `time`, `severity`, `message`, `logging.googleapis.com/sourceLocation` and `/labels`, `serviceContext`; fields under `extra` |
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum LogFormat {
    /// The format of this crate.
    #[default]
    Tachograph,
    /// Elastic Common Schema (<https://www.elastic.co/docs/reference/ecs>).
    Ecs,
    /// OpenTelemetry (<https://opentelemetry.io/docs/specs/otel/logs/data-model/>).
    Otel,
    /// Google Cloud (<https://cloud.google.com/logging/docs/structured-logging>).
    Gcp,
}

/// What a key says, for whoever reads a record back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Time,
    Level,
    Logger,
    /// An object, the first member of which is the logger.
    Scope,
    Message,
    Request,
    Error,
    /// An object beside the fields.
    Labels,
    Fields,
    Other,
}

impl LogFormat {
    pub(super) const fn part(self, key: &[u8]) -> Part {
        match (self, key) {
            (Self::Tachograph, b"timestamp") | (Self::Ecs, b"@timestamp") => Part::Time,
            (Self::Otel, b"timestamp") | (Self::Gcp, b"time") => Part::Time,
            (Self::Tachograph, b"level") | (Self::Ecs, b"log.level") => Part::Level,
            (Self::Otel, b"severity_text") | (Self::Gcp, b"severity") => Part::Level,
            (Self::Tachograph, b"logger") | (Self::Ecs, b"log.logger") => Part::Logger,
            (Self::Otel, b"instrumentation_scope") => Part::Scope,
            (Self::Otel, b"body") | (Self::Tachograph | Self::Ecs | Self::Gcp, b"message") => Part::Message,
            (Self::Tachograph, b"request_id") | (Self::Ecs, b"http.request.id") => Part::Request,
            (Self::Ecs, b"error.message") => Part::Error,
            (Self::Gcp, b"logging.googleapis.com/labels") => Part::Labels,
            (Self::Otel, b"attributes") => Part::Fields,
            (Self::Tachograph | Self::Ecs | Self::Gcp, b"extra") => Part::Fields,
            _ => Part::Other,
        }
    }
}

/// Where a record comes from, and how grave it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) level: Level,
    pub(super) logger: &'a str,
    pub(super) module: Option<&'a str>,
    pub(super) function: Option<&'a str>,
    pub(super) file: Option<&'a str>,
    pub(super) line: Option<u32>,
}

impl<'a> Place<'a> {
    /// Of a record whose place in the code is of no interest.
    pub(super) const fn nowhere(level: Level, logger: &'a str) -> Self {
        Self { level, logger, module: None, function: None, file: None, line: None }
    }
}

/// A format with all that is written of it again and again.
#[derive(Clone, Debug)]
pub(super) struct Format {
    pub(super) log_format: LogFormat,
    /// What text is cut at, in bytes of the record.
    pub(super) max_bytes: usize,
    /// The name of the service, which needs no escape.
    service: String,
    /// Up to the time.
    pub(super) opening: &'static [u8],
    /// Between the level and the message, both without their quotes.
    pub(super) message: &'static [u8],
    /// Before the request's id, which is followed by a quote, and after that.
    pub(super) request: &'static [u8],
    pub(super) after_request: &'static [u8],
    /// Before the first field; none where the object of the fields is there whether there are any or not.
    pub(super) fields: Option<&'static [u8]>,
    /// What an `error` is called, outside of the fields.
    pub(super) error: Option<&'static [u8]>,
    /// Keys of ours among the fields.
    reserved: Names,
    pub(super) suppressed: &'static [u8],
    pub(super) truncated: &'static [u8],
}

/// Keys of ours among OpenTelemetry's attributes.
const ATTRIBUTES: [&str; 7] = [
    "code.function.name",
    "code.file.path",
    "code.line.number",
    "code.module.name",
    "request_id",
    "log.suppressed",
    "log.truncated",
];

impl Format {
    pub(super) fn new(log_format: LogFormat, service: &str, max_bytes: usize) -> Self {
        let ours = Self {
            log_format,
            max_bytes,
            service: service.to_owned(),
            opening: br#"{"timestamp":""#,
            message: br#","message":""#,
            request: br#","request_id":""#,
            after_request: b"",
            fields: Some(br#","extra":{"#),
            error: None,
            reserved: Names::default(),
            suppressed: br#","suppressed":"#,
            truncated: br#","truncated":true"#,
        };
        match log_format {
            LogFormat::Tachograph => ours,
            LogFormat::Ecs => Self {
                opening: br#"{"@timestamp":""#,
                request: br#","http.request.id":""#,
                error: Some(br#","error.message":"#),
                ..ours
            },
            LogFormat::Otel => {
                let mut reserved = Names::default();
                ATTRIBUTES.iter().for_each(|name| reserved.add(Name::of(name).hash()));
                Self {
                    message: br#","body":""#,
                    fields: None,
                    reserved,
                    suppressed: br#","log.suppressed":"#,
                    truncated: br#","log.truncated":true"#,
                    ..ours
                }
            }
            LogFormat::Gcp => Self { opening: br#"{"time":""#, after_request: b"}", ..ours },
        }
    }

    /// Writes what stands between the time and the message; false where a name had to be cut.
    pub(super) fn head(&self, out: &mut Vec<u8>, place: &Place<'_>) -> bool {
        let level = place.level;
        match self.log_format {
            LogFormat::Tachograph => {
                put(out, &[br#"","level":""#, upper(level), b"\""]);
                return self.text(out, br#","logger":"#, Some(place.logger));
            }
            LogFormat::Ecs => put(out, &[br#"","log.level":""#, lower(level), b"\""]),
            LogFormat::Otel => {
                put(out, &[br#"","severity_text":""#, upper(level), br#"","severity_number":"#]);
                number(out, severity_number(level));
            }
            LogFormat::Gcp => put(out, &[br#"","severity":""#, severity(level), b"\""]),
        }
        true
    }

    /// Writes what stands between the message and the request; false where a name had to be cut.
    pub(super) fn place(&self, out: &mut Vec<u8>, place: &Place<'_>) -> bool {
        match self.log_format {
            LogFormat::Tachograph => {
                let is_complete = self.text(out, br#","module":"#, place.module);
                let is_complete = self.text(out, br#","function":"#, place.function) && is_complete;
                if let Some(line) = place.line {
                    out.extend_from_slice(br#","line":"#);
                    number(out, line);
                }
                is_complete
            }
            LogFormat::Ecs => self.place_in_ecs(out, place),
            LogFormat::Otel => self.place_in_otel(out, place),
            LogFormat::Gcp => self.place_in_gcp(out, place),
        }
    }

    fn place_in_ecs(&self, out: &mut Vec<u8>, place: &Place<'_>) -> bool {
        put(out, &[br#","ecs.version":"8.11.0","service.name":""#, self.service.as_bytes(), b"\""]);
        let mut is_complete = self.text(out, br#","log.logger":"#, Some(place.logger));
        is_complete &= self.text(out, br#","log.origin.function":"#, qualified(place).as_deref());
        is_complete &= self.text(out, br#","log.origin.file.name":"#, place.file);
        if let Some(line) = place.line {
            out.extend_from_slice(br#","log.origin.file.line":"#);
            number(out, line);
        }
        is_complete
    }

    /// Opens the attributes, which stay open.
    fn place_in_otel(&self, out: &mut Vec<u8>, place: &Place<'_>) -> bool {
        put(out, &[br#","resource":{"service.name":""#, self.service.as_bytes(), b"\"}"]);
        let mut is_complete = self.text(out, br#","instrumentation_scope":{"name":"#, Some(place.logger));
        out.extend_from_slice(br#"},"attributes":{"#);
        is_complete &= match qualified(place) {
            Some(function) => self.text(out, br#","code.function.name":"#, Some(&function)),
            None => self.text(out, br#","code.module.name":"#, place.module),
        };
        is_complete &= self.text(out, br#","code.file.path":"#, place.file);
        if let Some(line) = place.line {
            out.extend_from_slice(separated(out, br#","code.line.number":"#));
            number(out, line);
        }
        is_complete
    }

    /// Opens the labels, which stay open until the request's id is in them.
    fn place_in_gcp(&self, out: &mut Vec<u8>, place: &Place<'_>) -> bool {
        let mut is_complete = true;
        if place.file.is_some() || place.function.is_some() || place.line.is_some() {
            out.extend_from_slice(br#","logging.googleapis.com/sourceLocation":{"#);
            is_complete &= self.text(out, br#","file":"#, place.file);
            if let Some(line) = place.line {
                out.extend_from_slice(separated(out, br#","line":""#));
                number(out, line);
                out.push(b'"');
            }
            is_complete &= self.text(out, br#","function":"#, qualified(place).as_deref());
            out.push(b'}');
        }
        put(out, &[br#","serviceContext":{"service":""#, self.service.as_bytes(), b"\"}"]);
        is_complete &= self.text(out, br#","logging.googleapis.com/labels":{"logger":"#, Some(place.logger));
        self.text(out, br#","module":"#, place.module) && is_complete
    }

    /// Writes a key and its text. Names in the code are as long as they like within reason; one that is made at run time is
    /// cut before it makes the record much longer than it may be.
    fn text(&self, out: &mut Vec<u8>, key: &[u8], text: Option<&str>) -> bool {
        let Some(text) = text else { return true };
        out.extend_from_slice(separated(out, key));
        let limit = out.len() + (self.max_bytes / 16).clamp(256, 4096);
        string(out, text, limit)
    }

    /// What a field is called: its name, unless that is ours.
    pub(super) fn field(&self, name: &str) -> Name<'static> {
        let plain = Name::of(name);
        self.renamed(name, &plain).unwrap_or(plain)
    }

    /// What a field is called whose own name it cannot have.
    pub(super) fn renamed(&self, name: &str, plain: &Name<'_>) -> Option<Name<'static>> {
        if plain.is_error() && self.log_format == LogFormat::Otel {
            // As the semantic conventions have it.
            return Some(Name::of("exception.message"));
        }
        self.reserved.may_have(plain.hash()).then(|| Name::of(&format!("extra.{name}")))
    }

    /// The same of a name as it is encoded. None of ours has an escape.
    pub(super) fn renamed_encoded(&self, name: &[u8], hash: u64) -> Option<Name<'static>> {
        let is_reserved = self.reserved.may_have(hash);
        let name = is_reserved
            .then(|| str::from_utf8(name).ok()?.strip_prefix(",\"")?.strip_suffix("\":"))
            .flatten()?;
        Some(Name::of(&format!("extra.{name}")))
    }

    /// Whether every field may have its own name.
    pub(super) fn frees(&self, names: &Names) -> bool {
        !self.reserved.may_share(names)
    }
}

/// The function with its module before it.
fn qualified(place: &Place<'_>) -> Option<String> {
    let function = place.function?;
    Some(place.module.map_or_else(|| function.to_owned(), |module| format!("{module}::{function}")))
}

fn put(out: &mut Vec<u8>, pieces: &[&[u8]]) {
    pieces.iter().for_each(|piece| out.extend_from_slice(piece));
}

/// A name without its comma where it is the first in its object.
pub(super) fn separated<'a>(out: &[u8], name: &'a [u8]) -> &'a [u8] {
    &name[usize::from(out.last() == Some(&b'{'))..]
}

const fn upper(level: Level) -> &'static [u8] {
    match level {
        Level::Trace => b"TRACE",
        Level::Debug => b"DEBUG",
        Level::Info => b"INFO",
        Level::Warn => b"WARN",
        Level::Error => b"ERROR",
    }
}

const fn lower(level: Level) -> &'static [u8] {
    match level {
        Level::Trace => b"trace",
        Level::Debug => b"debug",
        Level::Info => b"info",
        Level::Warn => b"warn",
        Level::Error => b"error",
    }
}

/// `LogSeverity` of Google Cloud knows no level below `DEBUG`.
const fn severity(level: Level) -> &'static [u8] {
    match level {
        Level::Trace | Level::Debug => b"DEBUG",
        Level::Info => b"INFO",
        Level::Warn => b"WARNING",
        Level::Error => b"ERROR",
    }
}

/// The first of the four numbers that OpenTelemetry has for each level.
const fn severity_number(level: Level) -> u32 {
    match level {
        Level::Trace => 1,
        Level::Debug => 5,
        Level::Info => 9,
        Level::Warn => 13,
        Level::Error => 17,
    }
}
