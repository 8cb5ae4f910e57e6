//! A row of the table of files.

use std::time::{SystemTime, UNIX_EPOCH};

use sqlx::{ColumnIndex, Decode, Row, Type};
use tachograph::Context;

use crate::file::{File, State};
use crate::queue::Job;

/// What a state is in columns.
pub(crate) struct Columns<'a> {
    pub(crate) state: &'static str,
    pub(crate) size: Option<i64>,
    pub(crate) sha256: Option<String>,
    pub(crate) kind: Option<&'a str>,
    pub(crate) error: Option<&'a str>,
}

pub(crate) fn columns(state: &State) -> Columns<'_> {
    let plain = |state| Columns { state, size: None, sha256: None, kind: None, error: None };
    match state {
        State::Queued => plain("queued"),
        State::Running => plain("running"),
        State::Interrupted => plain("interrupted"),
        State::Failed { error } => Columns { error: Some(error), ..plain("failed") },
        State::Done { size, sha256, kind } => Columns {
            size: Some(*size as i64),
            sha256: Some(sha256.to_string()),
            kind: Some(kind),
            ..plain("done")
        },
    }
}

/// What the columns of either database can be read as.
pub(crate) trait Readable {
    fn text(&self, column: &str) -> Result<String, sqlx::Error>;
    fn optional_text(&self, column: &str) -> Result<Option<String>, sqlx::Error>;
    fn number(&self, column: &str) -> Result<i64, sqlx::Error>;
    fn small_number(&self, column: &str) -> Result<i32, sqlx::Error>;
}

impl<R> Readable for R
where
    R: Row,
    for<'a> &'a str: ColumnIndex<R>,
    for<'a> String: Decode<'a, R::Database>,
    String: Type<R::Database>,
    for<'a> i64: Decode<'a, R::Database>,
    i64: Type<R::Database>,
    for<'a> i32: Decode<'a, R::Database>,
    i32: Type<R::Database>,
{
    fn text(&self, column: &str) -> Result<String, sqlx::Error> {
        self.try_get(column)
    }

    fn optional_text(&self, column: &str) -> Result<Option<String>, sqlx::Error> {
        self.try_get(column)
    }

    fn number(&self, column: &str) -> Result<i64, sqlx::Error> {
        self.try_get(column)
    }

    fn small_number(&self, column: &str) -> Result<i32, sqlx::Error> {
        self.try_get(column)
    }
}

/// Reads a file.
pub(crate) fn file(row: impl Readable) -> Result<File, sqlx::Error> {
    let state = match row.text("state")?.as_str() {
        "queued" => State::Queued,
        "running" => State::Running,
        "done" => State::Done {
            size: row.number("size")? as u64,
            sha256: row.text("sha256")?.parse().map_err(wrong)?,
            kind: row.text("kind")?,
        },
        "failed" => State::Failed { error: row.text("error")? },
        "interrupted" => State::Interrupted,
        other => return Err(sqlx::Error::Decode(format!("`{other}` is not a state of a file").into())),
    };
    let (id, url, request_id) = (row.number("id")?, row.text("url")?, row.optional_text("request_id")?);
    Ok(File { id, url, request_id, state })
}

/// Reads a file as what is to be done about it.
pub(crate) fn job(row: impl Readable) -> Result<Job, sqlx::Error> {
    let sha256 = row.optional_text("promised")?.map(|digest| digest.parse()).transpose().map_err(wrong)?;
    let context: Context = serde_json::from_str(&row.text("context")?).map_err(wrong)?;
    let (file, url, attempt) = (row.number("id")?, row.text("url")?, row.small_number("attempts")?);
    Ok(Job { file, url, sha256, attempt, context })
}

/// The time as the leases of the table have it.
pub(crate) fn unix_millis() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_millis() as i64)
}

fn wrong(error: impl std::error::Error + Send + Sync + 'static) -> sqlx::Error {
    sqlx::Error::Decode(Box::new(error))
}
