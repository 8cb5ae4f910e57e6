//! A Redis, through the connections of the crate of that name.

mod error_type;
mod command;
mod reply;
mod packed;
mod series;
mod under_way;
mod asynchronous;
mod synchronous;

use redis::RedisResult;

use self::series::Series;

/// A connection to a Redis, or to what speaks like one, with its metrics.
///
/// It goes around each connection that commands can be sent over, and is one itself: `MultiplexedConnection`, `ConnectionManager`,
/// those to clusters and those out of pools, synchronous ones too. Clones of it share what they share.
///
/// ```no_run
/// use redis::AsyncCommands;
/// use tachograph::cache::Redis;
///
/// # async fn sessions() -> redis::RedisResult<()> {
/// let client = redis::Client::open("redis://127.0.0.1/")?;
/// let connecting = client.get_multiplexed_async_connection();
/// let mut redis = Redis::connected("sessions", connecting.await)?;
///
/// let session: Option<String> = redis.get("session:17").await?;
/// # let _ = session;
/// # Ok(())
/// # }
/// ```
///
/// # What is counted
/// Under the name, which is one of the program's own, and never by keys or values:
/// - `db_client_operation_duration_seconds`, by the command and how it failed. A pipeline is one operation, `PIPELINE`, or `MULTI` where it is a
///   transaction; it failed as the first of its commands that did. What a program sends that nobody knows is `_OTHER`.
/// - `cache_requests_total`: a hit for each value that was there, a miss for each that was not. Of `GET`, `GETEX`, `GETDEL`, `HGET` and
///   `JSON.GET` that is the reply, of `MGET`, `HMGET`, `HGETEX`, `HGETDEL` and `JSON.MGET` each of its parts, of `HGETALL` whether there is any field;
///   also in pipelines. Other commands do not say whether something was cached.
/// - `cache_connection_failures_total`: commands that failed because there was no connection, and what [`connected`](Self::connected) was told.
///
/// What a client does by itself, such as connecting again, is not seen. Nor are values that Redis gives up: it does so for all of its clients
/// at once, and counts them itself (`evicted_keys` and `expired_keys` of `INFO`).
///
/// An asynchronous command costs one allocation more than without, since its future has to be boxed once more.
#[derive(Clone, Debug)]
pub struct Redis<C> {
    connection: C,
    series: &'static Series,
}

impl<C> Redis<C> {
    /// A connection of which the metrics are known by this name; on the page, at 0, from now on.
    ///
    /// It is cheap, so that each connection out of a pool can be given a name.
    pub fn new(name: &'static str, connection: C) -> Self {
        let series = Series::named(name);
        series.handles();
        Self { connection, series }
    }

    /// A connection that was just made, or the failure to make it, which is counted.
    ///
    /// # Errors
    /// The one that it was given.
    pub fn connected(name: &'static str, connection: RedisResult<C>) -> RedisResult<Self> {
        let Redis { connection, series } = Redis::new(name, connection);
        match connection {
            Ok(connection) => Ok(Self { connection, series }),
            Err(error) => {
                series.handles().count_connection_failure();
                Err(error)
            }
        }
    }

    /// The connection itself, for what is not a command. What is sent over it is not measured.
    pub const fn get_ref(&self) -> &C {
        &self.connection
    }

    /// The same, to be changed.
    pub const fn get_mut(&mut self) -> &mut C {
        &mut self.connection
    }

    /// The connection without its metrics.
    pub fn into_inner(self) -> C {
        self.connection
    }
}
