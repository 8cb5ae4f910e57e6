//! An operation under way, which ends in exactly one way.

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_core::Stream;
use sqlx::Error;

use super::error_type::ErrorType;
use super::operations::Operation;
use super::pool::{Lent, Pool};
use super::series::PoolSeries;
use crate::clock;

/// From the first poll of an operation to its end. When it drops before it has ended, nobody wants its result any more.
pub(super) struct UnderWay {
    pool: &'static PoolSeries,
    operation: &'static Operation,
    began: u64,
    end: ErrorType,
}

impl UnderWay {
    pub(super) fn begin(pool: &'static PoolSeries, operation: &'static Operation) -> Self {
        Self { pool, operation, began: clock::ticks(), end: ErrorType::Cancelled }
    }

    /// The result of a future, which ends it where it is an error. What leaves the future by a panic is one.
    pub(super) async fn guard<T, E>(
        &mut self,
        future: impl Future<Output = Result<T, E>>,
        judge: impl Fn(&E) -> ErrorType,
    ) -> Result<T, E> {
        let mut future = pin!(future);
        std::future::poll_fn(|task| self.guard_poll(|| future.as_mut().poll(task)))
            .await
            .inspect_err(|error| self.end = judge(error))
    }

    /// A connection to do it with. There may be none.
    pub(super) async fn lend<DB: sqlx::Database>(&mut self, pool: &Arc<Pool<DB>>) -> Result<Lent<DB>, Error> {
        let lent = self.guard(pool.acquire(), |(_, class)| *class).await;
        lent.map_err(|(error, _)| error)
    }

    /// The end of it: the result of its last future.
    pub(super) async fn end_with<T>(
        mut self,
        future: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let result = self.guard(future, ErrorType::of).await;
        if result.is_ok() {
            self.end = ErrorType::None;
        }
        result
    }

    /// The next item of a stream, which ends it where it is an error or the end.
    pub(super) async fn next<T>(
        &mut self,
        mut stream: Pin<&mut (impl Stream<Item = Result<T, Error>> + ?Sized)>,
    ) -> Result<Option<T>, Error> {
        let poll = |task: &mut Context<'_>| self.guard_poll(|| stream.as_mut().poll_next(task));
        let item = std::future::poll_fn(poll).await.transpose();
        match &item {
            Ok(Some(_)) => {}
            Ok(None) => self.end = ErrorType::None,
            Err(error) => self.end = ErrorType::of(error),
        }
        item
    }

    fn guard_poll<T>(&mut self, poll: impl FnOnce() -> Poll<T>) -> Poll<T> {
        self.end = ErrorType::Panic;
        let polled = poll();
        self.end = ErrorType::Cancelled;
        polled
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let elapsed = clock::ticks().saturating_sub(self.began);
        self.operation.duration(self.pool, self.end).record(clock::seconds(elapsed));
        self.pool.count(self.end);
    }
}
