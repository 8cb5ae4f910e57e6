//! A database of SQLite, measured.

use std::future::pending;
use std::time::Duration;

use futures_util::TryStreamExt;
use sqlx::sqlite::{Sqlite, SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{Executor, Row};
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
    SqlitePoolOptions::new().max_connections(connections).acquire_timeout(Duration::from_millis(100))
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
        "db_client_connection_count{{db_client_connection_pool_name=\"{pool}\",db_client_connection_state=\"{state}\"}}"
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
async fn a_transaction_is_an_executor() {
    let telemetry = telemetry();
    let (database, _directory) = with_table("sqlite_transaction").await;
    let mut transaction = database.begin().await.unwrap();
    sqlx::query("INSERT INTO files (name) VALUES ('a')").execute(&mut transaction).await.unwrap();
    let names: Vec<(String,)> =
        sqlx::query_as("SELECT name FROM files").fetch_all(transaction.operation("names")).await.unwrap();
    assert_eq!(names.len(), 1);
    transaction.commit().await.unwrap();
    assert_eq!(value(telemetry, &transactions("sqlite_transaction", "commit")), 1.0);
    assert_eq!(value(telemetry, &operations("sqlite_transaction", "COMMIT", "")), 1.0);
    assert_eq!(value(telemetry, &operations("sqlite_transaction", "names", "")), 1.0);
}
