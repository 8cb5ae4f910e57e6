//! A connection that is held for several statements.

use std::fmt;

use sqlx::{Error, Executor};

use super::executor::{Measured, Place, executes_as};
use super::keyword::Keyword;
use super::pool::Lent;
use super::series::PoolSeries;
use super::transaction::Transaction;
use super::under_way::UnderWay;

/// A connection of a [`Database`](super::Database), which goes back to the pool when it drops.
///
/// A `&mut Connection` is an [`Executor`] of sqlx, whose statements are measured.
///
/// ```no_run
/// # use sqlx::Executor;
/// # async fn f<DB>(database: tachograph::database::Database<DB>) -> Result<(), sqlx::Error>
/// # where DB: sqlx::Database, for<'a> &'a mut DB::Connection: Executor<'a, Database = DB> {
/// let mut connection = database.acquire().await?;
/// (&mut connection).execute("SET lock_timeout = '1s'").await?;
/// connection.operation("forget_files").execute("DELETE FROM files").await?;
/// # Ok(()) }
/// ```
pub struct Connection<DB: sqlx::Database> {
    lent: Lent<DB>,
    series: &'static PoolSeries,
}

impl<DB: sqlx::Database> Connection<DB> {
    pub(super) const fn new(lent: Lent<DB>, series: &'static PoolSeries) -> Self {
        Self { lent, series }
    }

    /// An executor for one statement, which is measured under its first word.
    pub fn measured(&mut self) -> Measured<'_, DB> {
        Measured::new(Place::Held(&mut *self.lent.connection), self.series, None)
    }

    /// An executor for one statement, which is measured under this name.
    pub fn operation(&mut self, name: &'static str) -> Measured<'_, DB> {
        Measured::new(Place::Held(&mut *self.lent.connection), self.series, Some(name))
    }

    /// Begins a transaction on this connection: the operation `BEGIN`.
    ///
    /// # Errors
    /// Those of `sqlx::Connection::begin`.
    pub async fn begin(&mut self) -> Result<Transaction<'_, DB>, Error> {
        let under_way = UnderWay::begin(self.series, self.series.operations.by_keyword(Keyword::BEGIN));
        let begun = sqlx::Connection::begin(&mut *self.lent.connection);
        Ok(Transaction::on_connection(under_way.end_with(begun).await?, self.series))
    }

    /// The connection itself. What goes to it directly is not measured.
    pub fn unmeasured(&mut self) -> &mut DB::Connection {
        &mut self.lent.connection
    }
}

impl<'c, DB> Executor<'c> for &'c mut Connection<DB>
where
    DB: sqlx::Database,
    for<'a> &'a mut DB::Connection: Executor<'a, Database = DB>,
{
    executes_as!(measured, 'c);
}

impl<DB: sqlx::Database> fmt::Debug for Connection<DB> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Connection").field("pool", &self.series.name).finish_non_exhaustive()
    }
}
