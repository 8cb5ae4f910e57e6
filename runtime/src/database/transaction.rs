//! A transaction, and what became of it.

use std::fmt;

use sqlx::{Error, Executor};

use super::executor::{Measured, Place, executes_as};
use super::keyword::Keyword;
use super::pool::Token;
use super::series::{Outcome, PoolSeries};
use super::under_way::UnderWay;

/// A transaction. One that is dropped without [`commit`](Self::commit) is rolled back, and counted so.
///
/// A `&mut Transaction` is an [`Executor`] of sqlx, whose statements are measured.
///
/// ```no_run
/// # use sqlx::Executor;
/// # async fn f<DB>(database: tachograph::database::Database<DB>) -> Result<(), sqlx::Error>
/// # where DB: sqlx::Database, for<'a> &'a mut DB::Connection: Executor<'a, Database = DB> {
/// let mut transaction = database.begin().await?;
/// (&mut transaction).execute("DELETE FROM files").await?;
/// transaction.operation("note_the_end").execute("INSERT INTO notes VALUES ('gone')").await?;
/// transaction.commit().await?;
/// # Ok(()) }
/// ```
pub struct Transaction<'c, DB: sqlx::Database> {
    // The first to drop: the connection is lent until then.
    inner: sqlx::Transaction<'c, DB>,
    _token: Option<Token<DB>>,
    fate: Fate,
    series: &'static PoolSeries,
}

/// What becomes of a transaction, counted with its end. A savepoint has none.
struct Fate(Option<(&'static PoolSeries, Outcome)>);

impl Fate {
    const fn is_savepoint(&self) -> bool {
        self.0.is_none()
    }

    const fn becomes(&mut self, outcome: Outcome) {
        if let Some((_, becomes)) = &mut self.0 {
            *becomes = outcome;
        }
    }
}

impl Drop for Fate {
    fn drop(&mut self) {
        if let Some((series, outcome)) = self.0 {
            series.count_transaction(outcome);
        }
    }
}

impl<'c, DB: sqlx::Database> Transaction<'c, DB> {
    pub(super) fn outermost(
        inner: sqlx::Transaction<'c, DB>,
        token: Token<DB>,
        series: &'static PoolSeries,
    ) -> Self {
        Self { _token: Some(token), ..Self::on_connection(inner, series) }
    }

    pub(super) const fn on_connection(inner: sqlx::Transaction<'c, DB>, series: &'static PoolSeries) -> Self {
        Self { inner, _token: None, fate: Fate(Some((series, Outcome::Dropped))), series }
    }

    /// An executor for one statement, which is measured under its first word.
    pub fn measured(&mut self) -> Measured<'_, DB> {
        Measured::new(Place::Held(&mut *self.inner), self.series, None)
    }

    /// An executor for one statement, which is measured under this name.
    pub fn operation(&mut self, name: &'static str) -> Measured<'_, DB> {
        Measured::new(Place::Held(&mut *self.inner), self.series, Some(name))
    }

    /// Begins a transaction within this one: the operation `SAVEPOINT`, which ends as `RELEASE` or `ROLLBACK`.
    ///
    /// # Errors
    /// Those of `sqlx::Connection::begin`.
    pub async fn begin(&mut self) -> Result<Transaction<'_, DB>, Error> {
        let under_way = self.under_way(Keyword::SAVEPOINT);
        let inner = under_way.end_with(sqlx::Connection::begin(&mut *self.inner)).await?;
        Ok(Transaction { inner, _token: None, fate: Fate(None), series: self.series })
    }

    /// Keeps what it did: the operation `COMMIT`.
    ///
    /// # Errors
    /// Those of `sqlx::Transaction::commit`. What it did is undone then, and it counts as rolled back.
    pub async fn commit(mut self) -> Result<(), Error> {
        let keyword = if self.fate.is_savepoint() { Keyword::RELEASE } else { Keyword::COMMIT };
        self.fate.becomes(Outcome::Rollback);
        self.under_way(keyword).end_with(self.inner.commit()).await?;
        self.fate.becomes(Outcome::Commit);
        Ok(())
    }

    /// Undoes what it did: the operation `ROLLBACK`.
    ///
    /// # Errors
    /// Those of `sqlx::Transaction::rollback`.
    pub async fn rollback(mut self) -> Result<(), Error> {
        self.fate.becomes(Outcome::Rollback);
        self.under_way(Keyword::ROLLBACK).end_with(self.inner.rollback()).await
    }

    /// The connection itself. What goes to it directly is not measured.
    pub fn unmeasured(&mut self) -> &mut DB::Connection {
        &mut self.inner
    }

    fn under_way(&self, keyword: Keyword) -> UnderWay {
        UnderWay::begin(self.series, self.series.operations.by_keyword(keyword))
    }
}

impl<'t, DB> Executor<'t> for &'t mut Transaction<'_, DB>
where
    DB: sqlx::Database,
    for<'a> &'a mut DB::Connection: Executor<'a, Database = DB>,
{
    executes_as!(measured, 't);
}

impl<DB: sqlx::Database> fmt::Debug for Transaction<'_, DB> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Transaction").field("pool", &self.series.name).finish_non_exhaustive()
    }
}
