//! Request ids and contexts as parts of messages: a job is of the request that put it into the queue.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::context::Context;
use crate::request_id::{MAX_REQUEST_ID_LENGTH, RequestId};
use crate::trace_context::TraceContext;

impl Serialize for RequestId {
    /// As the text that records have.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for RequestId {
    /// A text that is no request id is an error, which says what is accepted. Where a message must be read all the same,
    /// it is better to send a [`Context`].
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| {
            // Not the text itself, which may be hostile, and the error may be logged.
            D::Error::custom(format_args!(
                "a text of {} bytes is no request id: send 1 to {MAX_REQUEST_ID_LENGTH} ASCII letters, digits and `-_.:/+=@`",
                text.len()
            ))
        })
    }
}

impl Serialize for Context {
    /// The request's id and its trace. The fields stay behind: they are what this process says in its records, and may be
    /// what no other is to see.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut context = serializer.serialize_struct("Context", FIELDS.len())?;
        context.serialize_field("request_id", &self.request_id())?;
        context.serialize_field("traceparent", &self.trace().map(ToString::to_string))?;
        context.serialize_field("tracestate", &self.trace().and_then(TraceContext::tracestate))?;
        context.end()
    }
}

impl<'de> Deserialize<'de> for Context {
    /// An id or a trace that is malformed or absent is none: the job is worth more than its name. The worker goes on with
    /// `context.or_new_id()`.
    ///
    /// ```
    /// use tachograph::{Context, request_id};
    /// let sent = tachograph::with_request_id("order-17", || serde_json::to_string(&Context::current()).unwrap());
    /// let received: Context = serde_json::from_str(&sent).unwrap();
    /// assert_eq!(received.or_new_id().run(request_id).as_deref(), Some("order-17"));
    ///
    /// let received: Context = serde_json::from_str(r#"{"request_id":"not valid"}"#).unwrap();
    /// assert_eq!(received.or_new_id().run(request_id).unwrap().len(), 36);
    /// ```
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_struct("Context", &FIELDS, ContextVisitor)
    }
}

const FIELDS: [&str; 3] = ["request_id", "traceparent", "tracestate"];

struct ContextVisitor;

/// The values of the fields, in their order.
type Sent = [Option<String>; FIELDS.len()];

fn received([id, parent, state]: Sent) -> Context {
    let id = id.as_deref().and_then(RequestId::parse);
    let trace = parent.and_then(|parent| TraceContext::parse(&parent, state.as_deref()));
    Context::of_request(id, trace)
}

impl<'de> Visitor<'de> for ContextVisitor {
    type Value = Context;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a context: `request_id`, `traceparent` and `tracestate`, each a text or none")
    }

    /// As formats without names have it.
    fn visit_seq<A: SeqAccess<'de>>(self, mut fields: A) -> Result<Context, A::Error> {
        let mut sent = Sent::default();
        for value in &mut sent {
            *value = fields.next_element()?.flatten();
        }
        Ok(received(sent))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Context, A::Error> {
        let mut sent = Sent::default();
        while let Some(name) = fields.next_key::<Cow<'de, str>>()? {
            match FIELDS.iter().position(|known| *known == name) {
                Some(field) => sent[field] = fields.next_value()?,
                None => drop(fields.next_value::<IgnoredAny>()?),
            }
        }
        Ok(received(sent))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{from_str, json, to_value};

    #[test]
    fn a_request_id_survives_a_message_as_its_text() {
        let id = RequestId::new();
        let sent = serde_json::to_string(&id).unwrap();
        assert_eq!(sent, format!("\"{id}\""));
        assert_eq!(from_str::<RequestId>(&sent).unwrap().to_string(), id.to_string());
    }

    #[test]
    fn an_id_that_is_none_is_an_error_that_says_what_one_is_and_does_not_repeat_it() {
        for hostile in ["a b".to_owned(), "\u{1b}[2J".into(), "x".repeat(1 << 20), String::new()] {
            let error = from_str::<RequestId>(&json!(hostile).to_string()).unwrap_err().to_string();
            assert!(error.contains("1 to 128 ASCII letters") && error.len() < 200, "{error}");
            assert!(error.contains(&format!("a text of {} bytes", hostile.len())), "{error}");
        }
    }

    #[test]
    fn a_context_survives_with_its_trace_and_without_its_fields() {
        let trace = TraceContext::begin(None);
        let context = Context::with_id("order-17").field("password", "secret").with_trace(trace.clone());
        let sent = to_value(&context).unwrap();
        let expected =
            json!({"request_id": "order-17", "traceparent": trace.to_string(), "tracestate": null});
        assert_eq!(sent, expected);
        let received: Context = serde_json::from_value(sent).unwrap();
        assert_eq!(received.request_id(), RequestId::parse("order-17").as_ref());
        assert_eq!(received.trace(), Some(&trace));
    }

    #[test]
    fn what_is_malformed_absent_or_unknown_is_none_and_the_message_is_read() {
        for sent in [
            r#"{}"#,
            r#"{"request_id":null}"#,
            r#"{"request_id":"a b","traceparent":"00-x","tracestate":"=","shop":[7]}"#,
            r#"["a b"]"#,
        ] {
            let received: Context = from_str(sent).unwrap();
            assert!(received.request_id().is_none() && received.trace().is_none(), "{sent}");
        }
        let by_order: Context = from_str(r#"["order-17",null,null]"#).unwrap();
        assert_eq!(by_order.request_id(), RequestId::parse("order-17").as_ref());
        assert!(from_str::<Context>("7").unwrap_err().to_string().contains("a context: `request_id`"));
    }
}
