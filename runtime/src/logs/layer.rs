//! From the events and spans of `tracing` to records.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::{LookupSpan, SpanRef};

use super::Logs;
use super::encode;
use super::members::{Members, Sink};
use super::names::Name;
use super::record::{Origin, Record};
use super::site::Site;
use super::spans::{self, Known};
use crate::clock;
use crate::context::with_current;

/// Writes every event that reaches it: filters stand before it.
#[derive(Clone)]
pub(crate) struct LogLayer(pub(super) Logs);

/// A span's own fields, encoded once for all the records made inside it.
struct SpanFields(Arc<Members>);

/// The same with the fields of the spans around it.
struct ScopeFields(Arc<Scope>);

struct Scope {
    known: Known,
    /// What they were made of.
    parts: Vec<Arc<Members>>,
}

impl<S: Subscriber + for<'span> LookupSpan<'span>> Layer<S> for LogLayer {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let site = self.0.site(attributes.metadata());
        let mut members = Members::default();
        attributes.record(&mut FieldVisitor { sink: &mut members, site });
        if let Some(span) = context.span(id).filter(|_| !members.is_empty()) {
            span.extensions_mut().replace(SpanFields(Arc::new(members)));
        }
    }

    fn on_record(&self, id: &Id, values: &tracing::span::Record<'_>, context: Context<'_, S>) {
        let Some(metadata) = context.metadata(id) else { return };
        // Encoded before the span is locked: a `Display` among the values may log inside this very span.
        let mut newer = Members::default();
        values.record(&mut FieldVisitor { sink: &mut newer, site: self.0.site(metadata) });
        let Some(span) = context.span(id) else { return };
        let mut extensions = span.extensions_mut();
        if let Some(SpanFields(older)) = extensions.get_mut() {
            newer.add_missing(older);
        }
        extensions.replace(SpanFields(Arc::new(newer)));
        spans::told();
    }

    fn on_enter(&self, id: &Id, _: Context<'_, S>) {
        spans::enter(self.0.number(), id);
    }

    fn on_exit(&self, id: &Id, _: Context<'_, S>) {
        spans::exit(self.0.number(), id);
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let (site, time) = (self.0.site(event.metadata()), clock::unix_time());
        if let Some(suppressed) = self.0.admit(site, time) {
            Record::compose(self.0.format(), time, Origin::Site(site), |record| {
                record.tell_suppressed(suppressed);
                event.record(&mut EventVisitor(FieldVisitor { sink: record, site }));
                add_surroundings(record, self.0.number(), event, &context);
                self.0.submit(record.finish(), site.route);
            });
        }
        self.0.tell_suppressed_before(time);
    }
}

/// Adds the fields of the request and of the spans that an event is in, those of the inner one first, which hide the others.
fn add_surroundings<S: Subscriber + for<'span> LookupSpan<'span>>(
    record: &mut Record<'_>,
    owner: usize,
    event: &Event<'_>,
    context: &Context<'_, S>,
) {
    let request = with_current(crate::context::Context::entered_with_fields);
    let is_inner = request.is_some_and(|step| event.is_contextual() && step > spans::innermost_step(owner));
    if is_inner {
        record.add_context();
    }
    add_scope(record, owner, event, context);
    if request.is_some() && !is_inner {
        record.add_context();
    }
}

/// Adds the fields of the spans that an event is in.
fn add_scope<S: Subscriber + for<'span> LookupSpan<'span>>(
    record: &mut Record<'_>,
    owner: usize,
    event: &Event<'_>,
    context: &Context<'_, S>,
) {
    let look_up =
        |id: &Id| context.span(id).map_or_else(|| Known::look_up(|| None), |span| scope_fields(&span));
    if event.is_contextual() {
        spans::with_innermost(owner, look_up, |members| record.add_members(members));
    } else if let Some(members) = event.parent().map(look_up).as_ref().and_then(Known::members) {
        record.add_members(members);
    }
}

/// The fields of a span and of those around it; an inner one hides an outer one.
fn scope_fields<'a, S: LookupSpan<'a>>(span: &SpanRef<'a, S>) -> Known {
    let before = span.extensions().get().map(|ScopeFields(scope)| Arc::clone(scope));
    if let Some(scope) = before.as_ref().filter(|scope| scope.known.is_current()) {
        return scope.known.clone();
    }
    let own = |span: SpanRef<'a, S>| span.extensions().get().map(|SpanFields(members)| Arc::clone(members));
    let mut parts = Vec::new();
    let known = Known::look_up(|| {
        let mut inner_first = span.scope().filter_map(own);
        if let Some(scope) = before.filter(|scope| scope.is_made_of(&mut inner_first)) {
            // Some other span was told a field.
            return scope.known.members().cloned();
        }
        parts.extend(span.scope().filter_map(own));
        let (first, outer) = parts.split_first()?;
        let mut fields = Arc::clone(first);
        outer.iter().for_each(|outer| Arc::make_mut(&mut fields).add_missing(outer));
        Some(fields)
    });
    if !parts.is_empty() {
        span.extensions_mut().replace(ScopeFields(Arc::new(Scope { known: known.clone(), parts })));
    }
    known
}

impl Scope {
    /// Whoever is told a field has another `Arc` from then on.
    fn is_made_of(&self, parts: impl Iterator<Item = Arc<Members>>) -> bool {
        let mut own = self.parts.iter();
        parts.into_iter().all(|part| own.next().is_some_and(|own| Arc::ptr_eq(own, &part)))
            && own.next().is_none()
    }
}

/// Gives a sink the fields of a call site.
struct FieldVisitor<'a, S> {
    sink: &'a mut S,
    site: &'a Site,
}

impl<S: Sink> FieldVisitor<'_, S> {
    fn add(&mut self, field: &Field, write: impl FnOnce(&mut Vec<u8>, usize) -> bool) {
        match self.site.fields.get(field.index()) {
            Some(known) => self.sink.add(&known.name, write),
            // No macro of `tracing` makes such a field.
            None => self.sink.add_found(&Name::of(field.name()), write),
        }
    }

    fn add_plain(&mut self, field: &Field, write: impl FnOnce(&mut Vec<u8>)) {
        self.add(field, |out, _| {
            write(out);
            true
        });
    }
}

impl<S: Sink> Visit for FieldVisitor<'_, S> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.add(field, |out, limit| encode::printed(out, format_args!("{value:?}"), limit));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, |out, limit| encode::string(out, value, limit));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        if let Some(known) = self.site.fields.get(field.index()) {
            self.sink.add_error(&known.name, field.name(), value);
        }
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add_plain(field, |out| encode::boolean(out, value));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add_plain(field, |out| encode::float(out, value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add_plain(field, |out| encode::number(out, value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add_plain(field, |out| encode::number(out, value));
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        let value = crate::field::ToValue::to_value(&value);
        self.add(field, |out, limit| encode::value(out, &value, limit));
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        let value = crate::field::ToValue::to_value(&value);
        self.add(field, |out, limit| encode::value(out, &value, limit));
    }
}

/// Takes an event's fields, of which `message` stands apart.
struct EventVisitor<'a, 'b>(FieldVisitor<'a, Record<'b>>);

impl EventVisitor<'_, '_> {
    fn is_message(&self, field: &Field) -> bool {
        self.0.site.fields.get(field.index()).is_some_and(|known| known.is_message)
    }
}

/// Each type goes the way it goes in a span, unless it is the message.
macro_rules! event_fields {
    ($($method:ident($type:ty) $form:literal;)*) => {
        impl Visit for EventVisitor<'_, '_> {
            $(fn $method(&mut self, field: &Field, value: $type) {
                if self.is_message(field) {
                    self.0.sink.message(format_args!($form, value));
                } else {
                    self.0.$method(field, value);
                }
            })*
        }
    };
}

event_fields! {
    record_debug(&dyn fmt::Debug) "{:?}";
    record_str(&str) "{}";
    record_error(&(dyn Error + 'static)) "{}";
    record_bool(bool) "{}";
    record_f64(f64) "{}";
    record_i64(i64) "{}";
    record_u64(u64) "{}";
    record_i128(i128) "{}";
    record_u128(u128) "{}";
}
