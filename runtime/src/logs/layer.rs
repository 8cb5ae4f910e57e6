//! From the events and spans of `tracing` to records.

use std::error::Error;
use std::fmt;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::LookupSpan;

use super::Logs;
use super::encode::{self, Head};
use super::members::Members;
use super::record::Record;
use super::route::{Log, Route};
use crate::clock;
use crate::observer::Level;

/// Writes every event that reaches it: filters stand before it.
#[derive(Clone)]
pub(crate) struct LogLayer(pub(super) Logs);

/// A span's fields, encoded once for all the records made inside it.
struct SpanFields(Members);

impl<S: Subscriber + for<'span> LookupSpan<'span>> Layer<S> for LogLayer {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut members = Members::default();
        attributes.record(&mut SpanVisitor(&mut members));
        if let Some(span) = context.span(id).filter(|_| !members.is_empty()) {
            span.extensions_mut().replace(SpanFields(members));
        }
    }

    fn on_record(&self, id: &Id, values: &tracing::span::Record<'_>, context: Context<'_, S>) {
        // Encoded before the span is locked: a `Display` among the values may log inside this very span.
        let mut newer = Members::default();
        values.record(&mut SpanVisitor(&mut newer));
        let Some(span) = context.span(id) else { return };
        let mut extensions = span.extensions_mut();
        if let Some(SpanFields(older)) = extensions.get_mut() {
            newer.add_missing(older);
        }
        extensions.replace(SpanFields(newer));
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let metadata = event.metadata();
        let level = level(*metadata.level());
        let head = Head {
            time: clock::unix_time(),
            level,
            logger: metadata.target(),
            module: metadata.module_path(),
            function: None,
            line: metadata.line(),
        };
        let route = if level == Level::Error { Route::EVERYDAY.and(Log::Error) } else { Route::EVERYDAY };
        Record::compose(|record| {
            event.record(&mut EventVisitor(record));
            record.add_context();
            for span in context.event_scope(event).into_iter().flatten() {
                if let Some(SpanFields(members)) = span.extensions().get() {
                    record.fields.add_missing(members);
                }
            }
            self.0.submit(record.encode(&head), route);
        });
    }
}

fn level(level: tracing::Level) -> Level {
    match level {
        tracing::Level::TRACE => Level::Trace,
        tracing::Level::DEBUG => Level::Debug,
        tracing::Level::INFO => Level::Info,
        tracing::Level::WARN => Level::Warn,
        tracing::Level::ERROR => Level::Error,
    }
}

/// Takes a span's fields.
struct SpanVisitor<'a>(&'a mut Members);

impl Visit for SpanVisitor<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.add_printed(field.name(), format_args!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.add_text(field.name(), value);
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.0.add_error(field.name(), value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.0.add_plain(field.name(), |out| encode::boolean(out, value));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.0.add_plain(field.name(), |out| encode::float(out, value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.0.add_plain(field.name(), |out| encode::signed(out, value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.add_plain(field.name(), |out| encode::unsigned(out, value));
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        self.0.add_value(field.name(), &crate::field::ToValue::to_value(&value));
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.0.add_value(field.name(), &crate::field::ToValue::to_value(&value));
    }
}

/// Takes an event's fields, of which `message` stands apart.
struct EventVisitor<'a>(&'a mut Record);

impl EventVisitor<'_> {
    fn field(&mut self, field: &Field, message: fmt::Arguments<'_>, add: impl FnOnce(&mut SpanVisitor<'_>)) {
        if field.name() == "message" {
            self.0.message(message)
        } else {
            add(&mut SpanVisitor(&mut self.0.fields))
        }
    }
}

/// Each type goes the way it goes in a span, unless it is the message.
macro_rules! event_fields {
    ($($method:ident($type:ty);)*) => {
        impl Visit for EventVisitor<'_> {
            fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
                self.field(field, format_args!("{value:?}"), |fields| fields.record_debug(field, value));
            }

            $(fn $method(&mut self, field: &Field, value: $type) {
                self.field(field, format_args!("{value}"), |fields| fields.$method(field, value));
            })*
        }
    };
}

event_fields! {
    record_str(&str);
    record_error(&(dyn Error + 'static));
    record_bool(bool);
    record_f64(f64);
    record_i64(i64);
    record_u64(u64);
    record_i128(i128);
    record_u128(u128);
}
