//! A database of SQLite, measured.

use std::time::Duration;

use futures_util::TryStreamExt;
use sqlx::sqlite::{Sqlite, SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{Executor, Row};
use tachograph::Context;
use tachograph::database::Database;
use tempfile::TempDir;

use super::telemetry::{reaches, records, telemetry, value};

/// A database in a file of its own, with a table of files; it has at most two connections.
async fn database(name: &'static str) -> (Database<Sqlite>, TempDir) {
    let directory = tempfile::tempdir().unwrap();
    (Database::new(name, pool(2).connect_lazy_with(options(&directory))), directory)
}

fn options(directory: &TempDir) -> SqliteConnectOptions {
    let options = SqliteConnectOptions::new().filename(directory.path().join("files.db"));
    options.create_if_missing(true).busy_timeout(Duration::from_millis(20))
}

fn pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new().max_connections(connections)
}

const TABLE: &str =
    "CREATE TABLE files (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, size INTEGER CHECK (size >= 0))";

async fn with_table(name: &'static str) -> (Database<Sqlite>, TempDir) {
    telemetry();
    let (database, directory) = database(name).await;
    database.pool().execute(TABLE).await.unwrap();
    (database, directory)
}

fn operations(pool: &str, operation: &str, error_type: &str) -> String {
    format!(
        "db_client_operation_duration_seconds_count{{db_client_connection_pool_name=\"{pool}\",\
         db_operation_name=\"{operation}\",db_system_name=\"sqlite\",error_type=\"{error_type}\"}}"
    )
}

fn errors(pool: &str, error_type: &str) -> String {
    format!(
        "db_client_operation_errors_total{{db_client_connection_pool_name=\"{pool}\",\
         db_system_name=\"sqlite\",error_type=\"{error_type}\"}}"
    )
}

fn of_pool(metric: &str, pool: &str) -> String {
    format!("db_client_connection_{metric}{{db_client_connection_pool_name=\"{pool}\"}}")
}

fn connections(pool: &str, state: &str) -> String {
    format!(
        "db_client_connections{{db_client_connection_pool_name=\"{pool}\",db_client_connection_state=\"{state}\"}}"
    )
}

fn transactions(pool: &str, outcome: &str) -> String {
    format!(
        "db_client_transactions_total{{db_client_connection_pool_name=\"{pool}\",db_system_name=\"sqlite\",\
         outcome=\"{outcome}\"}}"
    )
}

#[tokio::test]
async fn operations_count_by_their_first_word_or_by_the_name_they_are_given() {
    let telemetry = telemetry();
    let (database, _directory) = with_table("sqlite_names").await;
    for name in ["a", "b"] {
        sqlx::query("insert into files (name) values (?)").bind(name).execute(&database).await.unwrap();
    }
    let all = sqlx::query("SELECT * FROM files").fetch_all(&database).await.unwrap();
    assert_eq!(all.len(), 2);
    let one: i64 = sqlx::query_scalar("-- the first\nSELECT id FROM files WHERE name = ?")
        .bind("a")
        .fetch_one(&database)
        .await
        .unwrap();
    assert_eq!(one, 1);
    let names: Vec<(String,)> = sqlx::query_as("SELECT name FROM files ORDER BY id")
        .fetch_all(database.operation("names_of_files"))
        .await
        .unwrap();
    assert_eq!(names, [("a".to_owned(),), ("b".to_owned(),)]);
    let mut stream = sqlx::query("SELECT name FROM files ORDER BY id").fetch(database.operation("stream"));
    let mut streamed = Vec::new();
    while let Some(row) = stream.try_next().await.unwrap() {
        streamed.push(row.get::<String, _>("name"));
    }
    drop(stream);
    assert_eq!(streamed, ["a", "b"]);
    let statement = database.prepare(sqlx::SqlSafeStr::into_sql_str("SELECT ?1 + 1")).await.unwrap();
    let sum: i64 =
        sqlx::Statement::query(&statement).bind(2).fetch_one(&database).await.map(|row| row.get(0)).unwrap();
    assert_eq!(sum, 3);
    sqlx::raw_sql("BOGUS").execute(&database).await.unwrap_err();

    for (operation, error_type, count) in [
        ("INSERT", "", 2.0),
        ("SELECT", "", 3.0),
        ("names_of_files", "", 1.0),
        ("stream", "", 1.0),
        ("PREPARE", "", 1.0),
        ("_OTHER", "syntax", 1.0),
    ] {
        assert_eq!(
            value(telemetry, &operations("sqlite_names", operation, error_type)),
            count,
            "{operation}"
        );
    }
}

#[tokio::test]
async fn everything_of_a_pool_is_on_the_page_before_its_first_query() {
    let telemetry = telemetry();
    let (first, _directory) = database("sqlite_new").await;
    let page = telemetry.render();
    let shown = |series: &str| {
        let found = page.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
        found.unwrap_or_else(|| panic!("no {series}")).parse::<f64>().unwrap()
    };
    for error_type in ["connection", "pool_timeout", "constraint", "cancelled", "panic", "other"] {
        assert_eq!(shown(&errors("sqlite_new", error_type)), 0.0);
    }
    for outcome in ["commit", "rollback", "dropped"] {
        assert_eq!(shown(&transactions("sqlite_new", outcome)), 0.0);
    }
    for state in ["idle", "used"] {
        assert_eq!(shown(&connections("sqlite_new", state)), 0.0);
    }
    for operation in ["SELECT", "INSERT", "UPDATE", "DELETE"] {
        assert_eq!(shown(&operations("sqlite_new", operation, "")), 0.0);
    }
    for metric in ["pending_requests", "wait_time_seconds_count", "timeouts_total"] {
        assert_eq!(shown(&of_pool(metric, "sqlite_new")), 0.0);
    }
    assert_eq!(shown(&of_pool("max", "sqlite_new")), 2.0);

    let (second, _directory) = database("sqlite_new").await;
    assert_eq!(value(telemetry, &of_pool("max", "sqlite_new")), 4.0, "pools of one name add up");
    let _held = [first.acquire().await.unwrap(), second.acquire().await.unwrap()];
    assert_eq!(value(telemetry, &connections("sqlite_new", "used")), 2.0);
    drop((_held, first));
    second.pool().close().await;
    reaches(telemetry, &of_pool("max", "sqlite_new"), 2.0).await;
    reaches(telemetry, &connections("sqlite_new", "used"), 0.0).await;
}

#[tokio::test]
async fn a_transaction_ends_in_one_way() {
    const POOL: &str = "sqlite_transactions";
    let telemetry = telemetry();
    let (database, _directory) = with_table(POOL).await;
    let mut transaction = database.begin().await.unwrap();
    sqlx::query("INSERT INTO files (name) VALUES ('a')").execute(&mut transaction).await.unwrap();
    let mut inner = transaction.begin().await.unwrap();
    sqlx::query("INSERT INTO files (name) VALUES ('b')").execute(&mut inner).await.unwrap();
    inner.rollback().await.unwrap();
    let mut inner = transaction.begin().await.unwrap();
    sqlx::query("INSERT INTO files (name) VALUES ('c')").execute(inner.operation("third")).await.unwrap();
    inner.commit().await.unwrap();
    transaction.commit().await.unwrap();
    let mut connection = database.acquire().await.unwrap();
    connection.begin().await.unwrap().rollback().await.unwrap();
    let mut dropped = connection.begin().await.unwrap();
    sqlx::query("DELETE FROM files").execute(&mut dropped).await.unwrap();
    drop(dropped);
    let names: Vec<(String,)> =
        sqlx::query_as("SELECT name FROM files ORDER BY id").fetch_all(&mut connection).await.unwrap();
    assert_eq!(names, [("a".to_owned(),), ("c".to_owned(),)]);

    for (operation, count) in [
        ("BEGIN", 3.0),
        ("SAVEPOINT", 2.0),
        ("RELEASE", 1.0),
        ("ROLLBACK", 2.0),
        ("COMMIT", 1.0),
        ("INSERT", 2.0),
        ("third", 1.0),
        ("DELETE", 1.0),
    ] {
        assert_eq!(value(telemetry, &operations(POOL, operation, "")), count, "{operation}");
    }
    for outcome in ["commit", "rollback", "dropped"] {
        assert_eq!(value(telemetry, &transactions(POOL, outcome)), 1.0, "{outcome}");
    }
}

#[tokio::test]
async fn errors_of_a_file_have_their_class() {
    const POOL: &str = "sqlite_classes";
    let telemetry = telemetry();
    let (database, directory) = with_table(POOL).await;
    let run = async |sql: &'static str| sqlx::raw_sql(sql).execute(&database).await;
    run("INSERT INTO files (name) VALUES ('a')").await.unwrap();
    for (class, sql) in [
        ("constraint", "INSERT INTO files (name) VALUES ('a')"),
        ("constraint", "INSERT INTO files (name, size) VALUES ('b', -1)"),
        ("syntax", "SELECT * FROM nowhere"),
        ("data", "INSERT INTO files (id, name) VALUES ('no number', 'c')"),
    ] {
        let counted = value(telemetry, &errors(POOL, class));
        run(sql).await.unwrap_err();
        assert_eq!(value(telemetry, &errors(POOL, class)), counted + 1.0, "{sql}");
    }
    let _writes = database.begin_with("BEGIN IMMEDIATE").await.unwrap();
    run("DELETE FROM files").await.unwrap_err();
    assert_eq!(value(telemetry, &operations(POOL, "DELETE", "lock_wait")), 1.0);
    let missing = sqlx::query("SELECT * FROM files WHERE id = 17").fetch_one(&database).await;
    assert!(matches!(missing, Err(sqlx::Error::RowNotFound)));
    assert_eq!(value(telemetry, &operations(POOL, "SELECT", "")), 1.0, "no row is an answer");

    let elsewhere = |file: &str| SqliteConnectOptions::new().filename(directory.path().join(file));
    std::fs::write(directory.path().join("text.db"), "no database at all, but long enough to be read as one")
        .unwrap();
    for (class, options) in [
        ("connection", elsewhere("nowhere/files.db")),
        ("corruption", elsewhere("text.db")),
        ("permission", elsewhere("files.db").read_only(true)),
    ] {
        let database = Database::new(POOL, pool(1).connect_lazy_with(options));
        sqlx::query("CREATE TABLE more (id INTEGER)").execute(&database).await.unwrap_err();
        assert_eq!(value(telemetry, &operations(POOL, "CREATE", class)), 1.0, "{class}");
        assert_eq!(value(telemetry, &errors(POOL, class)), 1.0, "{class}");
    }
}

#[tokio::test]
async fn a_panic_counts_once_and_what_never_began_not_at_all() {
    const POOL: &str = "sqlite_panic";
    let telemetry = telemetry();
    let directory = tempfile::tempdir().unwrap();
    let panics = pool(1).after_connect(|_, _| panic!("while connecting"));
    let database = Database::new(POOL, panics.connect_lazy_with(options(&directory)));
    drop(sqlx::query("SELECT 1").execute(&database));
    drop(sqlx::query("SELECT 1").fetch(&database));
    assert_eq!(value(telemetry, &errors(POOL, "cancelled")), 0.0);
    let panicked = tokio::spawn({
        let database = database.clone();
        async move { sqlx::query("SELECT 1").execute(&database).await }
    });
    assert!(panicked.await.unwrap_err().is_panic());
    assert_eq!(value(telemetry, &errors(POOL, "panic")), 1.0);
    assert_eq!(value(telemetry, &operations(POOL, "SELECT", "panic")), 1.0);
    assert_eq!(value(telemetry, &of_pool("pending_requests", POOL)), 0.0);
    assert_eq!(value(telemetry, &errors(POOL, "cancelled")), 0.0);
}

#[tokio::test]
async fn records_of_a_request_keep_its_id_around_queries() {
    let telemetry = telemetry();
    let (database, _directory) = with_table("sqlite_request").await;
    let request = async {
        sqlx::query("INSERT INTO files (name) VALUES ('a')").execute(&database).await.unwrap();
        tracing::info!("after a statement");
        let mut rows = sqlx::query("SELECT * FROM files").fetch(&database);
        while rows.try_next().await.unwrap().is_some() {
            tracing::info!("within a stream");
        }
    };
    Context::with_id("order-sqlite").scope(request).await;
    let records = records(telemetry, "order-sqlite");
    let messages: Vec<_> = records.iter().map(|record| record["message"].as_str().unwrap()).collect();
    assert_eq!(messages, ["after a statement", "within a stream"]);
}
