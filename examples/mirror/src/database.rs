//! The table of files, in PostgreSQL or in SQLite. Where the service is two processes, it is their queue too.

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions, Postgres};
use sqlx::sqlite::{Sqlite, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use tachograph::{Context, database, timed};
use tokio::sync::OnceCell;

use crate::error::Error;
use crate::file::{File, State};
use crate::queue::Job;
use crate::row;

/// How long an operation waits for a connection.
const PATIENCE: Duration = Duration::from_secs(3);

/// How often a job is tried whose worker is gone in the midst of it.
const ATTEMPTS: i32 = 3;

pub(crate) struct Database {
    pool: Pool,
    /// The table is there.
    is_ready: OnceCell<()>,
}

enum Pool {
    Postgres(database::Database<Postgres>),
    Sqlite(database::Database<Sqlite>),
}

/// The same for either: their SQL differs in as much as stands in constants below.
macro_rules! on_either {
    ($pool:expr, $database:ident => $body:expr) => {
        match $pool {
            Pool::Postgres($database) => $body,
            Pool::Sqlite($database) => $body,
        }
    };
}

const POSTGRES_TABLE: &str = "CREATE TABLE IF NOT EXISTS files (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, url TEXT NOT NULL, promised TEXT, request_id TEXT, context TEXT NOT NULL,
    state TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, leased_until BIGINT,
    size BIGINT, sha256 TEXT, kind TEXT, error TEXT)";
const SQLITE_TABLE: &str = "CREATE TABLE IF NOT EXISTS files (
    id INTEGER PRIMARY KEY AUTOINCREMENT, url TEXT NOT NULL, promised TEXT, request_id TEXT, context TEXT NOT NULL,
    state TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, leased_until INTEGER,
    size INTEGER, sha256 TEXT, kind TEXT, error TEXT)";

/// `$1` is the time now, `$2` how long the worker has.
const POSTGRES_CLAIM: &str =
    "UPDATE files SET state = 'running', attempts = attempts + 1, leased_until = $1 + $2 WHERE id = (
    SELECT id FROM files WHERE state = 'queued' OR (state = 'running' AND leased_until < $1)
    ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING *";
const SQLITE_CLAIM: &str =
    "UPDATE files SET state = 'running', attempts = attempts + 1, leased_until = $1 + $2 WHERE id = (
    SELECT id FROM files WHERE state = 'queued' OR (state = 'running' AND leased_until < $1)
    ORDER BY id LIMIT 1) RETURNING *";

impl Database {
    /// The database that `url` names, else `mirror.db` below `data`. It need not be there yet: until it is, every operation fails.
    pub(crate) fn open(url: Option<&str>, data: &Path) -> Result<Self, Error> {
        let pool = match url {
            Some(url) => Pool::Postgres(postgres(url)?),
            None => Pool::Sqlite(sqlite(data)),
        };
        Ok(Self { pool, is_ready: OnceCell::new() })
    }

    #[timed(name = "insert_file", component = "database")]
    pub(crate) async fn insert(&self, url: &str, promised: Option<&str>) -> Result<File, Error> {
        self.ready().await?;
        let context = Context::current();
        let request_id = context.request_id().map(ToString::to_string);
        let context = serde_json::to_string(&context).map_err(Error::Context)?;
        let sql = "INSERT INTO files (url, promised, request_id, context, state) VALUES ($1, $2, $3, $4, 'queued') RETURNING *";
        let inserted = on_either!(&self.pool, database => {
            let query = sqlx::query(sql).bind(url).bind(promised).bind(request_id).bind(context);
            query.try_map(row::file).fetch_one(database.operation("insert_file")).await
        });
        inserted.map_err(failed("insert a file"))
    }

    #[timed(name = "update_file", component = "database")]
    pub(crate) async fn update(&self, id: i64, state: &State) -> Result<File, Error> {
        self.ready().await?;
        let row::Columns { state, size, sha256, kind, error } = row::columns(state);
        let sql = "UPDATE files SET state = $1, size = $2, sha256 = $3, kind = $4, error = $5 WHERE id = $6 RETURNING *";
        let updated = on_either!(&self.pool, database => {
            let query = sqlx::query(sql).bind(state).bind(size).bind(sha256).bind(kind).bind(error).bind(id);
            query.try_map(row::file).fetch_one(database.operation("update_file")).await
        });
        updated.map_err(failed("update a file"))
    }

    #[timed(name = "find_file", component = "database")]
    pub(crate) async fn find(&self, id: i64) -> Result<File, Error> {
        self.ready().await?;
        let found = on_either!(&self.pool, database => {
            let query = sqlx::query("SELECT * FROM files WHERE id = $1").bind(id);
            query.try_map(row::file).fetch_optional(database.operation("find_file")).await
        });
        found.map_err(failed("find a file"))?.ok_or(Error::UnknownFile { id })
    }

    #[timed(name = "newest_files", component = "database", fields(limit))]
    pub(crate) async fn newest(&self, limit: i32) -> Result<Vec<File>, Error> {
        self.ready().await?;
        let newest = on_either!(&self.pool, database => {
            let query = sqlx::query("SELECT * FROM files ORDER BY id DESC LIMIT $1").bind(limit);
            query.try_map(row::file).fetch_all(database.operation("newest_files")).await
        });
        newest.map_err(failed("list the newest files"))
    }

    /// The next file that nobody works on, to be worked on until the lease is over: then it is another's.
    #[timed(name = "claim_file", component = "database")]
    pub(crate) async fn claim(&self, lease: Duration) -> Result<Option<Job>, Error> {
        self.ready().await?;
        let (now, lease) = (row::unix_millis(), lease.as_millis() as i64);
        let sql = match &self.pool {
            Pool::Postgres(_) => POSTGRES_CLAIM,
            Pool::Sqlite(_) => SQLITE_CLAIM,
        };
        let claimed = on_either!(&self.pool, database => {
            let query = sqlx::query(sql).bind(now).bind(lease).try_map(row::job);
            query.fetch_optional(database.operation("claim_file")).await
        });
        let claimed = claimed.map_err(failed("claim a file"))?;
        match claimed {
            Some(job) if job.attempt > ATTEMPTS => {
                let error = format!("given up after {ATTEMPTS} attempts");
                self.update(job.file, &State::Failed { error }).await?;
                Ok(None)
            }
            claimed => Ok(claimed),
        }
    }

    /// How many files wait for a worker.
    #[timed(name = "count_queued", component = "database")]
    pub(crate) async fn queued(&self) -> Result<u64, Error> {
        self.ready().await?;
        let count: Result<i64, _> = on_either!(&self.pool, database => {
            let query = sqlx::query_scalar("SELECT count(*) FROM files WHERE state = 'queued'");
            query.fetch_one(database.operation("count_queued")).await
        });
        count.map(|count| count.unsigned_abs()).map_err(failed("count the queued files"))
    }

    /// Marks what is neither done nor failed; gives the number of these files.
    #[timed(name = "interrupt_files", component = "database")]
    pub(crate) async fn interrupt_unfinished(&self) -> Result<u64, Error> {
        self.ready().await?;
        let sql = "UPDATE files SET state = 'interrupted' WHERE state IN ('queued', 'running')";
        let interrupted = on_either!(&self.pool, database => {
            let done = sqlx::query(sql).execute(database.operation("interrupt_files")).await;
            done.map(|done| done.rows_affected())
        });
        interrupted.map_err(failed("mark the unfinished files"))
    }

    pub(crate) async fn close(&self) {
        on_either!(&self.pool, database => database.pool().close().await);
    }

    /// The first operation that reaches the database makes the table.
    async fn ready(&self) -> Result<(), Error> {
        // PostgreSQL looks whether there is one, and then makes it: another process can come in between. A second look sees its.
        let create = || async {
            match self.create_table().await {
                Err(sqlx::Error::Database(_)) => self.create_table().await,
                created => created,
            }
        };
        self.is_ready.get_or_try_init(create).await.map_err(failed("create the table of files"))?;
        Ok(())
    }

    async fn create_table(&self) -> Result<(), sqlx::Error> {
        let table = match &self.pool {
            Pool::Postgres(_) => POSTGRES_TABLE,
            Pool::Sqlite(_) => SQLITE_TABLE,
        };
        on_either!(&self.pool, database => {
            sqlx::query(table).execute(database.operation("create_table")).await.map(drop)
        })
    }
}

fn postgres(url: &str) -> Result<database::Database<Postgres>, Error> {
    // sqlx takes whatever looks like a URL, and then looks for a server.
    let is_of_postgres = ["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme));
    let options = if is_of_postgres { PgConnectOptions::from_str(url).ok() } else { None };
    let options = options.ok_or(Error::DatabaseUrl)?;
    let pool = PgPoolOptions::new().acquire_timeout(PATIENCE).connect_lazy_with(options);
    Ok(database::Database::new("mirror", pool))
}

fn sqlite(data: &Path) -> database::Database<Sqlite> {
    let options = SqliteConnectOptions::new()
        .filename(data.join("mirror.db"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .busy_timeout(Duration::from_secs(5));
    let pool = SqlitePoolOptions::new().acquire_timeout(PATIENCE).connect_lazy_with(options);
    database::Database::new("mirror", pool)
}

fn failed(operation: &'static str) -> impl FnOnce(sqlx::Error) -> Error {
    move |source| Error::Database { operation, source }
}
