//! A command under way, which ends in exactly one way.

use redis::{RedisResult, Value};

use super::command::Command;
use super::error_type::ErrorType;
use super::reply::{Requests, failure, first_failure, in_turn};
use super::series::Series;
use crate::clock;

/// A command, or several at once, from when it is sent to its reply. When it drops before, nobody waits for that any more.
pub(super) struct UnderWay {
    series: &'static Series,
    command: Command,
    began: u64,
    error: ErrorType,
}

impl UnderWay {
    pub(super) fn begin(series: &'static Series, command: Command) -> Self {
        Self { series, command, began: clock::ticks(), error: ErrorType::Cancelled }
    }

    pub(super) fn end(mut self, reply: &RedisResult<Value>) {
        self.error = failure(reply);
        if let Ok(reply) = reply {
            self.count(Requests::of(self.command, reply));
        }
    }

    /// The end of several.
    pub(super) fn end_all(
        mut self,
        commands: impl Iterator<Item = Command>,
        replies: &RedisResult<Vec<Value>>,
        is_transaction: bool,
    ) {
        self.error = first_failure(replies, is_transaction);
        if let Ok(replies) = replies {
            self.count(Requests::of_all(commands, in_turn(replies, is_transaction)));
        }
    }

    /// The end of what is not answered.
    pub(super) fn end_unanswered(mut self, reply: &RedisResult<Value>) {
        self.error = failure(reply);
    }

    fn count(&self, Requests { hits, misses }: Requests) {
        self.series.handles().requests.count_all(hits, misses);
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let elapsed = clock::ticks().saturating_sub(self.began);
        let handles = self.series.handles();
        handles.duration(self.command, self.error).record(clock::seconds(elapsed));
        if self.error == ErrorType::Connection {
            handles.count_connection_failure();
        }
    }
}
