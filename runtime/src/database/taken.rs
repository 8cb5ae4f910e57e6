//! A query, taken apart: what it is called has to be known before it is given away.

use sqlx::error::BoxDynError;
use sqlx::{Execute, SqlStr};

/// What a driver asks of a query, in the order in which it asks.
pub(super) struct Taken<DB: sqlx::Database> {
    arguments: Result<Option<DB::Arguments>, BoxDynError>,
    persistent: bool,
    statement: Option<DB::Statement>,
    pub(super) sql: SqlStr,
}

impl<DB: sqlx::Database> Taken<DB> {
    pub(super) fn from<'q>(mut query: impl Execute<'q, DB>) -> Self {
        let arguments = query.take_arguments();
        let persistent = query.persistent();
        let statement = query.statement().cloned();
        Self { arguments, persistent, statement, sql: query.sql() }
    }
}

impl<DB: sqlx::Database> Execute<'static, DB> for Taken<DB> {
    fn sql(self) -> SqlStr {
        self.sql
    }

    fn statement(&self) -> Option<&DB::Statement> {
        self.statement.as_ref()
    }

    fn take_arguments(&mut self) -> Result<Option<DB::Arguments>, BoxDynError> {
        std::mem::replace(&mut self.arguments, Ok(None))
    }

    fn persistent(&self) -> bool {
        self.persistent
    }
}
