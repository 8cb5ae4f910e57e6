//! Where statements go: to a connection of the pool or to one that is held, and measured on the way.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use futures_core::Stream;
use sqlx::{Either, Error, Executor, SqlStr};

use super::keyword::Keyword;
use super::operations::Operation;
use super::pool::{Lent, Pool};
use super::series::PoolSeries;
use super::taken::Taken;
use super::under_way::UnderWay;
use super::yielding::Yielding;

/// Runs one statement, and measures it under a name of the program's or under its first word.
///
/// It is an [`Executor`] of sqlx, given by [`Database::operation`](super::Database::operation),
/// [`Connection::operation`](super::Connection::operation), [`Transaction::operation`](super::Transaction::operation)
/// and their `measured`.
#[must_use = "it is an executor, to be given to a query"]
pub struct Measured<'c, DB: sqlx::Database> {
    place: Place<'c, DB>,
    series: &'static PoolSeries,
    name: Option<&'static str>,
}

/// On which connection a statement runs.
pub(super) enum Place<'c, DB: sqlx::Database> {
    AnyOf(Arc<Pool<DB>>),
    Held(&'c mut DB::Connection),
}

/// The connection of a statement, until it has ended.
enum Connected<'c, DB: sqlx::Database> {
    Lent(Lent<DB>),
    Held(&'c mut DB::Connection),
}

impl<DB: sqlx::Database> Connected<'_, DB> {
    fn get(&mut self) -> &mut DB::Connection {
        match self {
            Self::Lent(lent) => &mut lent.connection,
            Self::Held(connection) => connection,
        }
    }
}

pub(super) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;
pub(super) type BoxStream<'a, T> = Pin<Box<dyn Stream<Item = Result<T, Error>> + Send + 'a>>;

impl<'c, DB: sqlx::Database> Measured<'c, DB> {
    pub(super) const fn new(
        place: Place<'c, DB>,
        series: &'static PoolSeries,
        name: Option<&'static str>,
    ) -> Self {
        Self { place, series, name }
    }

    fn operation(&self, sql: &str) -> &'static Operation {
        let operations = &self.series.operations;
        match self.name {
            Some(name) => operations.by_name(name),
            None => operations.by_keyword(Keyword::of(sql)),
        }
    }

    /// Begins the operation, with the wait for a connection.
    async fn connect(self, sql: &str) -> Result<(Connected<'c, DB>, UnderWay), Error> {
        let mut under_way = UnderWay::begin(self.series, self.operation(sql));
        let connected = match self.place {
            Place::Held(connection) => Connected::Held(connection),
            Place::AnyOf(pool) => Connected::Lent(under_way.lend(&pool).await?),
        };
        Ok((connected, under_way))
    }
}

impl<'c, DB> Executor<'c> for Measured<'c, DB>
where
    DB: sqlx::Database,
    for<'a> &'a mut DB::Connection: Executor<'a, Database = DB>,
{
    type Database = DB;

    fn execute<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, DB::QueryResult>
    where
        'c: 'e,
        E: 'q + sqlx::Execute<'q, DB>,
    {
        let query = Taken::from(query);
        Box::pin(async move {
            let (mut connected, under_way) = self.connect(query.sql.as_str()).await?;
            under_way.end_with(connected.get().execute(query)).await
        })
    }

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, Either<DB::QueryResult, DB::Row>>
    where
        'c: 'e,
        E: 'q + sqlx::Execute<'q, DB>,
    {
        let query = Taken::from(query);
        Box::pin(Yielding::new(async move |mut place| {
            let (mut connected, mut under_way) = self.connect(query.sql.as_str()).await?;
            let mut steps = connected.get().fetch_many(query);
            while let Some(step) = under_way.next(steps.as_mut()).await? {
                place.leave(step).await;
            }
            Ok(())
        }))
    }

    fn fetch_all<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Vec<DB::Row>>
    where
        'c: 'e,
        E: 'q + sqlx::Execute<'q, DB>,
    {
        let query = Taken::from(query);
        Box::pin(async move {
            let (mut connected, under_way) = self.connect(query.sql.as_str()).await?;
            under_way.end_with(connected.get().fetch_all(query)).await
        })
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Option<DB::Row>>
    where
        'c: 'e,
        E: 'q + sqlx::Execute<'q, DB>,
    {
        let query = Taken::from(query);
        Box::pin(async move {
            let (mut connected, under_way) = self.connect(query.sql.as_str()).await?;
            under_way.end_with(connected.get().fetch_optional(query)).await
        })
    }

    fn prepare_with<'e>(self, sql: SqlStr, parameters: &'e [DB::TypeInfo]) -> BoxFuture<'e, DB::Statement>
    where
        'c: 'e,
    {
        Box::pin(async move {
            let (mut connected, under_way) = self.connect(Keyword::PREPARE.as_str()).await?;
            under_way.end_with(connected.get().prepare_with(sql, parameters)).await
        })
    }

    fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, sqlx::Describe<DB>>
    where
        'c: 'e,
    {
        Box::pin(async move {
            let (mut connected, under_way) = self.connect(Keyword::PREPARE.as_str()).await?;
            under_way.end_with(connected.get().describe(sql)).await
        })
    }
}

/// The methods of an executor that has another one do its work.
macro_rules! executes_as {
    ($executor:ident, $lifetime:lifetime) => {
        type Database = DB;

        fn execute<'e, 'q: 'e, E>(
            self,
            query: E,
        ) -> $crate::database::executor::BoxFuture<'e, DB::QueryResult>
        where
            $lifetime: 'e,
            E: 'q + sqlx::Execute<'q, DB>,
        {
            self.$executor().execute(query)
        }

        fn fetch_many<'e, 'q: 'e, E>(
            self,
            query: E,
        ) -> $crate::database::executor::BoxStream<'e, sqlx::Either<DB::QueryResult, DB::Row>>
        where
            $lifetime: 'e,
            E: 'q + sqlx::Execute<'q, DB>,
        {
            self.$executor().fetch_many(query)
        }

        fn fetch_all<'e, 'q: 'e, E>(self, query: E) -> $crate::database::executor::BoxFuture<'e, Vec<DB::Row>>
        where
            $lifetime: 'e,
            E: 'q + sqlx::Execute<'q, DB>,
        {
            self.$executor().fetch_all(query)
        }

        fn fetch_optional<'e, 'q: 'e, E>(
            self,
            query: E,
        ) -> $crate::database::executor::BoxFuture<'e, Option<DB::Row>>
        where
            $lifetime: 'e,
            E: 'q + sqlx::Execute<'q, DB>,
        {
            self.$executor().fetch_optional(query)
        }

        fn prepare_with<'e>(
            self,
            sql: sqlx::SqlStr,
            parameters: &'e [DB::TypeInfo],
        ) -> $crate::database::executor::BoxFuture<'e, DB::Statement>
        where
            $lifetime: 'e,
        {
            self.$executor().prepare_with(sql, parameters)
        }

        fn describe<'e>(
            self,
            sql: sqlx::SqlStr,
        ) -> $crate::database::executor::BoxFuture<'e, sqlx::Describe<DB>>
        where
            $lifetime: 'e,
        {
            self.$executor().describe(sql)
        }
    };
}
pub(super) use executes_as;

impl<DB: sqlx::Database> fmt::Debug for Measured<'_, DB> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { series, name, .. } = self;
        out.debug_struct("Measured").field("pool", &series.name).field("name", name).finish_non_exhaustive()
    }
}
