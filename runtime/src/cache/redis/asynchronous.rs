//! Commands over a connection that is asynchronous.

use redis::aio::ConnectionLike;
use redis::{Cmd, Pipeline, RedisFuture, Value};

use super::Redis;
use super::command::Command;
use super::under_way::UnderWay;

impl<C: ConnectionLike + Send> ConnectionLike for Redis<C> {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        Box::pin(async move {
            let under_way = UnderWay::begin(self.series, Command::of(command));
            let reply = self.connection.req_packed_command(command).await;
            if command.is_no_response() {
                under_way.end_unanswered(&reply);
            } else {
                under_way.end(&reply);
            }
            reply
        })
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        Box::pin(async move {
            let is_transaction = pipeline.is_transaction();
            let under_way = UnderWay::begin(self.series, Command::of_several(is_transaction));
            let replies = self.connection.req_packed_commands(pipeline, offset, count).await;
            under_way.end_all(pipeline.cmd_iter().map(Command::of), &replies, is_transaction);
            replies
        })
    }

    fn get_db(&self) -> i64 {
        self.connection.get_db()
    }
}
