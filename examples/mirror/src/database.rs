//! The table of files, in SQLite.

use std::path::Path;
use std::time::Duration;

use sqlx::Row;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqliteRow, SqliteSynchronous};
use tachograph::timed;

use crate::error::Error;
use crate::file::{File, State};

pub(crate) struct Database {
    pool: SqlitePool,
}

impl Database {
    /// Opens `mirror.db` below `data`, and creates it where it is missing.
    pub(crate) async fn open(data: &Path) -> Result<Self, Error> {
        let options = SqliteConnectOptions::new()
            .filename(data.join("mirror.db"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(Duration::from_secs(5));
        let pool = SqlitePool::connect_with(options).await.map_err(failed("open mirror.db"))?;
        let table = "CREATE TABLE IF NOT EXISTS files (
            id INTEGER PRIMARY KEY AUTOINCREMENT, url TEXT NOT NULL, request_id TEXT,
            state TEXT NOT NULL, size INTEGER, sha256 TEXT, kind TEXT, error TEXT)";
        sqlx::query(table).execute(&pool).await.map_err(failed("create the table of files"))?;
        Ok(Self { pool })
    }

    #[timed(name = "insert_file", component = "database")]
    pub(crate) async fn insert(&self, url: &str, request_id: Option<&str>) -> Result<File, Error> {
        sqlx::query("INSERT INTO files (url, request_id, state) VALUES (?, ?, 'queued') RETURNING *")
            .bind(url)
            .bind(request_id)
            .try_map(file)
            .fetch_one(&self.pool)
            .await
            .map_err(failed("insert a file"))
    }

    #[timed(name = "update_file", component = "database")]
    pub(crate) async fn update(&self, id: i64, state: &State) -> Result<File, Error> {
        let (name, done, error) = match state {
            State::Queued => ("queued", None, None),
            State::Running => ("running", None, None),
            State::Done { size, sha256, kind } => {
                ("done", Some((*size as i64, sha256.to_string(), kind)), None)
            }
            State::Failed { error } => ("failed", None, Some(error)),
            State::Interrupted => ("interrupted", None, None),
        };
        let (size, sha256, kind) =
            done.map(|(size, sha256, kind)| (Some(size), Some(sha256), Some(kind))).unwrap_or_default();
        sqlx::query(
            "UPDATE files SET state = ?, size = ?, sha256 = ?, kind = ?, error = ? WHERE id = ? RETURNING *",
        )
        .bind(name)
        .bind(size)
        .bind(sha256)
        .bind(kind)
        .bind(error)
        .bind(id)
        .try_map(file)
        .fetch_one(&self.pool)
        .await
        .map_err(failed("update a file"))
    }

    #[timed(name = "find_file", component = "database")]
    pub(crate) async fn find(&self, id: i64) -> Result<File, Error> {
        let found =
            sqlx::query("SELECT * FROM files WHERE id = ?").bind(id).try_map(file).fetch_optional(&self.pool);
        found.await.map_err(failed("find a file"))?.ok_or(Error::UnknownFile { id })
    }

    #[timed(name = "newest_files", component = "database", fields(limit))]
    pub(crate) async fn newest(&self, limit: u32) -> Result<Vec<File>, Error> {
        let newest = sqlx::query("SELECT * FROM files ORDER BY id DESC LIMIT ?").bind(limit).try_map(file);
        newest.fetch_all(&self.pool).await.map_err(failed("list the newest files"))
    }

    /// Marks what is neither done nor failed; gives the number of these files.
    #[timed(component = "database")]
    pub(crate) async fn interrupt_unfinished(&self) -> Result<u64, Error> {
        sqlx::query("UPDATE files SET state = 'interrupted' WHERE state IN ('queued', 'running')")
            .execute(&self.pool)
            .await
            .map(|done| done.rows_affected())
            .map_err(failed("mark the unfinished files"))
    }

    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }
}

/// Reads a row of the table.
fn file(row: SqliteRow) -> Result<File, sqlx::Error> {
    let state = match row.try_get("state")? {
        "queued" => State::Queued,
        "running" => State::Running,
        "done" => State::Done {
            size: row.try_get::<i64, _>("size")? as u64,
            sha256: row
                .try_get::<&str, _>("sha256")?
                .parse()
                .map_err(|error| sqlx::Error::Decode(Box::new(error)))?,
            kind: row.try_get("kind")?,
        },
        "failed" => State::Failed { error: row.try_get("error")? },
        "interrupted" => State::Interrupted,
        other => return Err(sqlx::Error::Decode(format!("`{other}` is not a state of a file").into())),
    };
    Ok(File {
        id: row.try_get("id")?,
        url: row.try_get("url")?,
        request_id: row.try_get("request_id")?,
        state,
    })
}

fn failed(operation: &'static str) -> impl FnOnce(sqlx::Error) -> Error {
    move |source| Error::Database { operation, source }
}
