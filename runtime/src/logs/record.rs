//! A record while it is composed: its message, its fields, its request.

use std::cell::Cell;
use std::fmt::{self, Write};

use super::encode::{self, Head, MAX_RECORD_BYTES, Message};
use super::escape::Escaping;
use super::members::Members;
use crate::context;

/// What a thread keeps of its buffers after a record; a huge one gives its memory back.
const KEPT_BYTES: usize = 16 * 1024;

thread_local! {
    static SPARE: Cell<Option<Box<Record>>> = const { Cell::new(None) };
}

/// The buffers that records are composed in, one set per thread and used again.
#[derive(Debug, Default)]
pub(super) struct Record {
    message: Vec<u8>,
    has_message: bool,
    message_is_cut: bool,
    request_id: String,
    pub(super) fields: Members,
    line: Vec<u8>,
}

impl Record {
    /// Composes a record. One that a field's own `Display` makes meanwhile finds no spare buffers and gets new ones,
    /// so that it does not disturb this one.
    pub(super) fn compose<T>(compose: impl FnOnce(&mut Self) -> T) -> T {
        let mut record = SPARE.try_with(Cell::take).ok().flatten().unwrap_or_default();
        let result = compose(&mut record);
        record.clear();
        let _ = SPARE.try_with(|spare| spare.set(Some(record)));
        result
    }

    /// Sets the message, unless there is one.
    pub(super) fn message(&mut self, arguments: fmt::Arguments<'_>) {
        if !self.has_message {
            self.has_message = true;
            self.message_is_cut = !Escaping::new(&mut self.message, MAX_RECORD_BYTES).print(arguments);
        }
    }

    /// Adds what the current request says: its id, and those of its fields that the record does not have yet.
    pub(super) fn add_context(&mut self) {
        let this = Cell::new(Some(self));
        context::with_current(|context| {
            let Some(this) = this.take() else { return };
            for (name, value) in context.fields() {
                this.fields.add_value(name, value);
            }
            if let Some(id) = context.request_id() {
                // Writing to a string does not fail.
                let _ = write!(this.request_id, "{id}");
            }
        });
    }

    /// The record as one line of JSON.
    pub(super) fn encode(&mut self, head: &Head<'_>) -> &[u8] {
        let escaped = self.has_message.then_some(self.message.as_slice());
        let message = Message { escaped, complete: !self.message_is_cut };
        self.line.clear();
        encode::line(&mut self.line, head, message, &self.request_id, &self.fields);
        &self.line
    }

    fn clear(&mut self) {
        for buffer in [&mut self.message, &mut self.line] {
            buffer.clear();
            buffer.shrink_to(KEPT_BYTES);
        }
        self.has_message = false;
        self.message_is_cut = false;
        self.request_id.clear();
        self.fields.clear();
        self.fields.shrink_to(KEPT_BYTES);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::Context;
    use crate::observer::Level;

    const HEAD: Head<'static> = Head {
        time: std::time::Duration::ZERO,
        level: Level::Info,
        logger: "l",
        module: None,
        function: None,
        line: None,
    };

    fn parsed(line: &[u8]) -> serde_json::Value {
        serde_json::from_slice(line).unwrap()
    }

    #[test]
    fn the_request_stands_on_the_record_and_gives_way_to_its_fields() {
        let context = Context::with_id("order-17").field("user", "outer").field("shop", 7);
        let record = context.run(|| {
            Record::compose(|record| {
                record.fields.add_text("user", "inner");
                record.add_context();
                parsed(record.encode(&HEAD))
            })
        });
        assert_eq!(record["request_id"], "order-17");
        assert_eq!(record["extra"], serde_json::json!({"user": "inner", "shop": 7}));
    }

    #[test]
    fn a_record_made_while_another_is_composed_disturbs_neither() {
        struct Nested;
        impl fmt::Display for Nested {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                let inner = Record::compose(|record| {
                    record.message(format_args!("inner"));
                    parsed(record.encode(&HEAD))
                });
                assert_eq!(inner["message"], "inner");
                formatter.write_str("shown")
            }
        }
        let outer = Record::compose(|record| {
            record.message(format_args!("before {Nested} after"));
            record.fields.add_printed("nested", format_args!("{Nested}"));
            parsed(record.encode(&HEAD))
        });
        assert_eq!(outer["message"], "before shown after");
        assert_eq!(outer["extra"]["nested"], "shown");
    }

    #[test]
    fn a_display_that_panics_leaves_nothing_behind() {
        let panicked = std::panic::catch_unwind(|| {
            Record::compose(|record| {
                record.message(format_args!("left over"));
                std::panic::resume_unwind(Box::new(()))
            })
        });
        assert!(panicked.is_err());
        let next = Record::compose(|record| parsed(record.encode(&HEAD)));
        assert_eq!((next.get("message"), next.get("extra")), (None, None));
    }

    #[test]
    fn buffers_of_a_huge_record_are_given_back() {
        Record::compose(|record| {
            record.message(format_args!("{}", "x".repeat(2 * MAX_RECORD_BYTES)));
            assert_eq!(parsed(record.encode(&HEAD))["truncated"], true);
        });
        Record::compose(|record| {
            assert!(record.message.capacity() <= KEPT_BYTES && record.line.capacity() <= KEPT_BYTES);
        });
    }
}
