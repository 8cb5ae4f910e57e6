//! A database, as a program has it.

use std::fmt;
use std::sync::Arc;

use sqlx::{Error, Executor, SqlSafeStr, SqlStr};

use super::connection::Connection;
use super::executor::{Measured, Place, executes_as};
use super::keyword::Keyword;
use super::pool::Pool;
use super::transaction::Transaction;
use super::under_way::UnderWay;
use crate::measurement::{Refresh, refresh_at_scrapes};

/// A pool of connections, measured: an [`Executor`] of sqlx wherever a `&sqlx::Pool` is one.
///
/// ```no_run
/// # #[derive(Debug)] enum Nothing {}
/// use sqlx::Executor;
/// use tachograph::database::Database;
///
/// async fn files<DB>(database: &Database<DB>) -> Result<usize, sqlx::Error>
/// where
///     DB: sqlx::Database,
///     for<'a> &'a mut DB::Connection: Executor<'a, Database = DB>,
/// {
///     // Its operation is `SELECT`, …
///     let all = database.fetch_all("SELECT * FROM files").await?;
///     // … and this one has a name of its own.
///     database.operation("forget_files").execute("DELETE FROM files").await?;
///     Ok(all.len())
/// }
/// ```
/// A clone is another handle of the same pool.
pub struct Database<DB: sqlx::Database> {
    pool: Arc<Pool<DB>>,
}

impl<DB: sqlx::Database> Database<DB> {
    /// Measures a pool under a name. Its metrics are on the page from then on.
    ///
    /// Pools of one name are one in the metrics. A pool that was made with `connect_lazy` connects when it is asked for something:
    /// where the server is not there, operations fail as `connection`, until it is.
    pub fn new(name: &'static str, pool: sqlx::Pool<DB>) -> Self {
        let pool = Arc::new(Pool::new(name, pool));
        pool.refresh();
        refresh_at_scrapes(&pool);
        Self { pool }
    }

    /// The pool itself. What goes to it directly, migrations say, is not measured.
    pub fn pool(&self) -> &sqlx::Pool<DB> {
        &self.pool.inner
    }

    /// An executor for one statement, which is measured under its first word, as the `&Database` is one.
    pub fn measured(&self) -> Measured<'static, DB> {
        self.executor(None)
    }

    /// An executor for one statement, which is measured under this name.
    pub fn operation(&self, name: &'static str) -> Measured<'static, DB> {
        self.executor(Some(name))
    }

    fn executor(&self, name: Option<&'static str>) -> Measured<'static, DB> {
        Measured::new(Place::AnyOf(Arc::clone(&self.pool)), self.pool.series(), name)
    }

    /// Waits for a connection, for several statements in a row.
    ///
    /// # Errors
    /// Those of `sqlx::Pool::acquire`.
    pub async fn acquire(&self) -> Result<Connection<DB>, Error> {
        let lent = self.pool.acquire().await.map_err(|(error, class)| {
            self.pool.series().count(class);
            error
        })?;
        Ok(Connection::new(lent, self.pool.series()))
    }

    /// Begins a transaction: the operation `BEGIN`, with the wait for a connection.
    ///
    /// # Errors
    /// Those of `sqlx::Pool::begin`.
    pub async fn begin(&self) -> Result<Transaction<'static, DB>, Error> {
        self.begin_as(None).await
    }

    /// The same with a statement of the program's, such as `BEGIN ISOLATION LEVEL SERIALIZABLE`.
    ///
    /// # Errors
    /// Those of `sqlx::Pool::begin_with`.
    pub async fn begin_with(&self, statement: impl SqlSafeStr) -> Result<Transaction<'static, DB>, Error> {
        self.begin_as(Some(statement.into_sql_str())).await
    }

    async fn begin_as(&self, statement: Option<SqlStr>) -> Result<Transaction<'static, DB>, Error> {
        let series = self.pool.series();
        let mut under_way = UnderWay::begin(series, series.operations.by_keyword(Keyword::BEGIN));
        let lent = under_way.lend(&self.pool).await?;
        let begun = under_way.end_with(sqlx::Transaction::begin(lent.connection, statement)).await?;
        Ok(Transaction::outermost(begun, lent.token, series))
    }
}

impl<'p, DB> Executor<'p> for &'_ Database<DB>
where
    DB: sqlx::Database,
    for<'a> &'a mut DB::Connection: Executor<'a, Database = DB>,
{
    executes_as!(measured, 'p);
}

impl<DB: sqlx::Database> Clone for Database<DB> {
    fn clone(&self) -> Self {
        Self { pool: Arc::clone(&self.pool) }
    }
}

impl<DB: sqlx::Database> fmt::Debug for Database<DB> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Database").field("name", &self.pool.name).field("pool", &self.pool.inner).finish()
    }
}
