//! Commands over a connection that is synchronous.

use redis::{Cmd, ConnectionLike, RedisResult, Value};

use super::Redis;
use super::command::Command;
use super::packed::names;
use super::under_way::UnderWay;

impl<C: ConnectionLike> ConnectionLike for Redis<C> {
    fn req_packed_command(&mut self, packed: &[u8]) -> RedisResult<Value> {
        let command = names(packed).next().map_or(Command::OTHER, Command::named);
        let under_way = UnderWay::begin(self.series, command);
        let reply = self.connection.req_packed_command(packed);
        under_way.end(&reply);
        reply
    }

    fn req_packed_commands(&mut self, packed: &[u8], offset: usize, count: usize) -> RedisResult<Vec<Value>> {
        // Of a transaction only the last reply is asked for, that of `EXEC`: what stands before says `QUEUED`.
        let is_transaction = offset > 0;
        let under_way = UnderWay::begin(self.series, Command::of_several(is_transaction));
        let replies = self.connection.req_packed_commands(packed, offset, count);
        let commands = names(packed).map(Command::named).skip(is_transaction.into());
        under_way.end_all(commands, &replies, is_transaction);
        replies
    }

    fn req_command(&mut self, command: &Cmd) -> RedisResult<Value> {
        let under_way = UnderWay::begin(self.series, Command::of(command));
        let reply = self.connection.req_command(command);
        if command.is_no_response() {
            under_way.end_unanswered(&reply);
        } else {
            under_way.end(&reply);
        }
        reply
    }

    fn get_db(&self) -> i64 {
        self.connection.get_db()
    }

    fn supports_pipelining(&self) -> bool {
        self.connection.supports_pipelining()
    }

    fn check_connection(&mut self) -> bool {
        self.connection.check_connection()
    }

    fn is_open(&self) -> bool {
        self.connection.is_open()
    }
}
