//! What a reply says about its command: whether it failed, and whether what was read was there.

use redis::{RedisResult, Value};

use super::command::Command;
use super::error_type::ErrorType;

/// How many values were asked for and there, and how many were not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Requests {
    pub(super) hits: u64,
    pub(super) misses: u64,
}

impl Requests {
    /// Of a command that reads.
    pub(super) fn of(command: Command, reply: &Value) -> Self {
        match command.name() {
            "GET" | "GETDEL" | "GETEX" | "HGET" | "JSON.GET" => Self::default().and(reply),
            "HGETDEL" | "HGETEX" | "HMGET" | "JSON.MGET" | "MGET" => Self::of_each(reply),
            "HGETALL" => Self::of_whole(reply),
            _ => Self::default(),
        }
    }

    /// One more value. `QUEUED`, in a transaction that is sent command by command, is none.
    fn and(self, reply: &Value) -> Self {
        match bare(reply) {
            Value::Nil => Self { misses: self.misses + 1, ..self },
            Value::ServerError(_) | Value::SimpleString(_) | Value::Okay => self,
            _ => Self { hits: self.hits + 1, ..self },
        }
    }

    fn of_each(reply: &Value) -> Self {
        match bare(reply) {
            Value::Array(values) => values.iter().fold(Self::default(), Self::and),
            _ => Self::default(),
        }
    }

    /// A hash without fields does not exist.
    fn of_whole(reply: &Value) -> Self {
        let is_there = match bare(reply) {
            Value::Array(fields) => !fields.is_empty(),
            Value::Map(fields) => !fields.is_empty(),
            _ => return Self::default(),
        };
        Self { hits: is_there.into(), misses: (!is_there).into() }
    }

    /// Of several commands and their replies.
    pub(super) fn of_all<'a>(
        commands: impl Iterator<Item = Command>,
        replies: impl Iterator<Item = &'a Value>,
    ) -> Self {
        commands.zip(replies).map(|(command, reply)| Self::of(command, reply)).fold(
            Self::default(),
            |sum, it| Self { hits: sum.hits + it.hits, misses: sum.misses + it.misses },
        )
    }
}

/// A reply without what the server says about it.
fn bare(reply: &Value) -> &Value {
    if let Value::Attribute { data, .. } = reply { data } else { reply }
}

/// Why a command failed: the client gives errors of the server as values.
pub(super) fn failure(reply: &RedisResult<Value>) -> ErrorType {
    match reply {
        Ok(Value::ServerError(error)) => ErrorType::of_server(error),
        Ok(_) => ErrorType::None,
        Err(error) => ErrorType::of(error),
    }
}

/// Why the first one of several failed.
pub(super) fn first_failure(replies: &RedisResult<Vec<Value>>, is_transaction: bool) -> ErrorType {
    match replies {
        Ok(replies) => in_turn(replies, is_transaction).find_map(server_error).unwrap_or(ErrorType::None),
        Err(error) => ErrorType::of(error),
    }
}

fn server_error(reply: &Value) -> Option<ErrorType> {
    if let Value::ServerError(error) = reply { Some(ErrorType::of_server(error)) } else { None }
}

/// The replies to several commands, in the order of these. Those of a transaction are one; where it was not carried out, none.
pub(super) fn in_turn(replies: &[Value], is_transaction: bool) -> impl Iterator<Item = &Value> {
    let replies: &[Value] = match replies {
        [Value::Array(replies)] if is_transaction => replies,
        [Value::Nil] if is_transaction => &[],
        replies => replies,
    };
    replies.iter()
}

#[cfg(test)]
mod tests {
    use redis::Value::{Array, Attribute, BulkString, Int, Map, Nil, Okay, SimpleString};

    use super::*;

    fn requests(name: &str, reply: &Value) -> (u64, u64) {
        let Requests { hits, misses } = Requests::of(Command::named(name.as_bytes()), reply);
        (hits, misses)
    }

    fn text(text: &str) -> Value {
        BulkString(text.into())
    }

    #[test]
    fn a_value_that_is_there_is_a_hit_and_nil_a_miss() {
        for name in ["GET", "GETEX", "GETDEL", "HGET", "JSON.GET"] {
            assert_eq!((requests(name, &text("")), requests(name, &Nil)), ((1, 0), (0, 1)), "{name}");
        }
        let attributed = Attribute { data: Box::new(Nil), attributes: vec![] };
        assert_eq!(requests("GET", &attributed), (0, 1));
        assert_eq!(requests("GET", &SimpleString("QUEUED".into())), (0, 0));
    }

    #[test]
    fn commands_that_read_several_count_each() {
        let reply = Array(vec![text("a"), Nil, text("b"), Nil, Nil]);
        assert_eq!((requests("MGET", &reply), requests("HMGET", &reply)), ((2, 3), (2, 3)));
        assert_eq!(requests("MGET", &Array(vec![])), (0, 0));
    }

    #[test]
    fn a_hash_without_fields_is_not_there() {
        let fields = vec![(text("name"), text("a"))];
        assert_eq!((requests("HGETALL", &Map(fields)), requests("HGETALL", &Map(vec![]))), ((1, 0), (0, 1)));
        assert_eq!(requests("HGETALL", &Array(vec![])), (0, 1));
    }

    #[test]
    fn commands_that_do_not_read_count_nothing() {
        for name in ["SET", "EXISTS", "DEL", "LPOP", "EVAL", "NOBODY KNOWS"] {
            assert_eq!((requests(name, &Nil), requests(name, &Int(1))), ((0, 0), (0, 0)), "{name}");
        }
    }

    #[test]
    fn replies_belong_to_their_commands() {
        let commands = ["SET", "GET", "MGET"].map(|name| Command::named(name.as_bytes()));
        let replies = vec![Okay, Nil, Array(vec![text("a"), Nil])];
        let of = |replies: &[Value], is_transaction| {
            Requests::of_all(commands.into_iter(), in_turn(replies, is_transaction))
        };
        let expected = Requests { hits: 1, misses: 2 };
        assert_eq!(of(&replies, false), expected);
        assert_eq!(of(&[Array(replies.clone())], true), expected);
        assert_eq!((of(&[Nil], true), of(&[], false)), Default::default());
    }
}
