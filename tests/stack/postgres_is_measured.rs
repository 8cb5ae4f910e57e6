//! A pool of connections to a real PostgreSQL: what its metrics say while things go wrong.

use std::time::Duration;

use futures_util::TryStreamExt;
use futures_util::future::join_all;
use sqlx::Row;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions, Postgres as Pg};
use tachograph::database::{Connection, Database};
use tokio::time::timeout;

use tachograph_servers::postgres::Postgres;

use crate::it::telemetry::{reaches, telemetry, value};

fn operations(pool: &str, operation: &str, error_type: &str) -> String {
    format!(
        "db_client_operation_duration_seconds_count{{db_client_connection_pool_name=\"{pool}\",\
         db_operation_name=\"{operation}\",db_system_name=\"postgresql\",error_type=\"{error_type}\"}}"
    )
}

fn errors(pool: &str, error_type: &str) -> f64 {
    let series = format!(
        "db_client_operation_errors_total{{db_client_connection_pool_name=\"{pool}\",\
         db_system_name=\"postgresql\",error_type=\"{error_type}\"}}"
    );
    value(telemetry(), &series)
}

fn of_pool(metric: &str, pool: &str) -> String {
    format!("db_client_connection_{metric}{{db_client_connection_pool_name=\"{pool}\"}}")
}

fn connections(pool: &str, state: &str) -> String {
    format!(
        "db_client_connections{{db_client_connection_pool_name=\"{pool}\",db_client_connection_state=\"{state}\"}}"
    )
}

/// Long enough for a connection that is to come, also on a busy machine, and short enough to wait for one that is not.
const LIMIT: Duration = Duration::from_secs(5);

/// A pool that makes no connection before it is asked.
fn database(name: &'static str, server: &Postgres, connections: u32) -> Database<Pg> {
    telemetry();
    let options: PgConnectOptions = server.url().parse().unwrap();
    let pool = PgPoolOptions::new().max_connections(connections).acquire_timeout(LIMIT);
    Database::new(name, pool.connect_lazy_with(options))
}

async fn run(database: &Database<Pg>, sql: &'static str) -> Result<u64, sqlx::Error> {
    sqlx::raw_sql(sql).execute(database).await.map(|done| done.rows_affected())
}

/// What becomes of a statement, and that its class was counted once.
async fn fails(connection: &mut Connection<Pg>, class: &str, sql: &'static str) {
    let counted = errors(POOL, class);
    let error = sqlx::raw_sql(sql).execute(connection).await.expect_err(sql);
    assert_eq!(errors(POOL, class), counted + 1.0, "{sql}: {error}");
}

const POOL: &str = "pg_classes";

#[tokio::test(flavor = "multi_thread")]
async fn errors_of_a_server_have_their_class() {
    let server = Postgres::start();
    let database = database(POOL, &server, 4);
    run(&database, "CREATE TABLE files (id INT PRIMARY KEY, size INT NOT NULL)").await.unwrap();
    run(&database, "INSERT INTO files VALUES (1, 1), (2, 2)").await.unwrap();
    let mut connection = database.acquire().await.unwrap();
    fails(&mut connection, "constraint", "INSERT INTO files VALUES (1, 777001)").await;
    fails(&mut connection, "constraint", "INSERT INTO files VALUES (3, NULL)").await;
    fails(&mut connection, "syntax", "SELECT FROM WHERE").await;
    fails(&mut connection, "syntax", "SELECT * FROM secret_table_777002").await;
    sqlx::raw_sql("BEGIN").execute(&mut connection).await.unwrap();
    fails(&mut connection, "data", "SELECT 777003 / 0").await;
    fails(&mut connection, "transaction", "SELECT 1").await;
    sqlx::raw_sql("ROLLBACK; SET statement_timeout = '20ms'").execute(&mut connection).await.unwrap();
    fails(&mut connection, "timeout", "SELECT pg_sleep(60)").await;
    sqlx::raw_sql("RESET ALL; SET ROLE pg_monitor").execute(&mut connection).await.unwrap();
    fails(&mut connection, "permission", "SELECT * FROM files").await;
    fails(&mut connection, "connection", "RESET ROLE; SELECT pg_terminate_backend(pg_backend_pid())").await;
    drop(connection);

    conflicts(&database).await;
    let bound =
        sqlx::query("SELECT $1::TEXT, 'literal_777004'").bind("bound_777005").fetch_one(&database).await;
    assert_eq!(bound.unwrap().get::<&str, _>(0), "bound_777005");
    let page = telemetry().render();
    let series = page.lines().filter_map(|line| line.rsplit_once(' ')).map(|(series, _)| series);
    let of_databases: Vec<_> = series.filter(|series| series.contains(POOL)).collect();
    assert!(of_databases.len() > 100);
    for hidden in ["777", "secret_table", "files", "pg_sleep", "pg_monitor"] {
        let leaked: Vec<_> = of_databases.iter().filter(|series| series.contains(hidden)).collect();
        assert!(leaked.is_empty(), "{leaked:?}");
    }
}

/// What two transactions do to each other.
async fn conflicts(database: &Database<Pg>) {
    let counted = ["serialization", "deadlock", "lock_wait"].map(|class| errors(POOL, class));
    assert_eq!(counted, [0.0; 3]);
    let update = |id: i32| sqlx::query("UPDATE files SET size = size + 1 WHERE id = $1").bind(id);

    let mut old = database.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ").await.unwrap();
    sqlx::query("SELECT * FROM files").fetch_all(&mut old).await.unwrap();
    update(1).execute(database).await.unwrap();
    update(1).execute(&mut old).await.unwrap_err();
    old.rollback().await.unwrap();
    assert_eq!(errors(POOL, "serialization"), 1.0);

    let [mut one, mut two] = [database.begin().await.unwrap(), database.begin().await.unwrap()];
    update(1).execute(&mut one).await.unwrap();
    sqlx::query("SET LOCAL lock_timeout = '20ms'").execute(&mut two).await.unwrap();
    update(1).execute(&mut two).await.unwrap_err();
    two.rollback().await.unwrap();
    assert_eq!(errors(POOL, "lock_wait"), 1.0);

    let mut two = database.begin().await.unwrap();
    update(2).execute(&mut two).await.unwrap();
    let (of_one, of_two) = tokio::join!(update(2).execute(&mut one), update(1).execute(&mut two));
    assert!(of_one.is_err() != of_two.is_err(), "one of both goes on");
    assert_eq!(errors(POOL, "deadlock"), 1.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_away_fails_as_connection_until_it_is_back() {
    const POOL: &str = "pg_away";
    let mut server = Postgres::start();
    server.kill();
    let database = database(POOL, &server, 2);
    run(&database, "SELECT 1").await.unwrap_err();
    assert_eq!(errors(POOL, "connection"), 1.0, "it was down from the start");
    assert_eq!(value(telemetry(), &of_pool("timeouts_total", POOL)), 1.0);

    server.restart();
    run(&database, "SELECT 1").await.unwrap();
    let asleep = tokio::spawn({
        let database = database.clone();
        async move { run(&database, "SELECT pg_sleep(60)").await }
    });
    reaches(telemetry(), &connections(POOL, "used"), 1.0).await;
    server.kill();
    asleep.await.unwrap().unwrap_err();
    assert_eq!(errors(POOL, "connection"), 2.0, "it went away under way");
    run(&database, "SELECT 1").await.unwrap_err();
    assert_eq!(errors(POOL, "connection"), 3.0, "it is away");

    server.restart();
    run(&database, "SELECT 1").await.unwrap();
    assert_eq!(errors(POOL, "connection"), 3.0);
    assert_eq!(errors(POOL, "pool_timeout"), 0.0);

    let nowhere: PgConnectOptions = server.url().parse().unwrap();
    for (class, options) in
        [("configuration", nowhere.clone().database("nowhere")), ("permission", nowhere.username("stranger"))]
    {
        let database = Database::new(POOL, PgPoolOptions::new().connect_lazy_with(options));
        run(&database, "SELECT 1").await.unwrap_err();
        assert_eq!(errors(POOL, class), 1.0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_of_a_pool_that_has_no_connection_left_are_seen_waiting() {
    const POOL: &str = "pg_exhausted";
    let server = Postgres::start();
    let database = database(POOL, &server, 1);
    let (pending, waited) = (of_pool("pending_requests", POOL), of_pool("wait_time_seconds_count", POOL));
    assert_eq!(value(telemetry(), &of_pool("max", POOL)), 1.0);
    let held = database.acquire().await.unwrap();
    assert_eq!(value(telemetry(), &connections(POOL, "used")), 1.0);
    let waiting = tokio::spawn({
        let database = database.clone();
        async move { join_all((0..3).map(|_| run(&database, "SELECT 1"))).await }
    });
    reaches(telemetry(), &pending, 3.0).await;
    assert!(waiting.await.unwrap().iter().all(Result::is_err));
    assert_eq!(errors(POOL, "pool_timeout"), 3.0);
    assert_eq!(value(telemetry(), &of_pool("timeouts_total", POOL)), 3.0);
    assert_eq!((value(telemetry(), &pending), value(telemetry(), &waited)), (0.0, 4.0));

    let given_up = timeout(Duration::from_millis(20), run(&database, "SELECT 1")).await;
    assert!(given_up.is_err());
    assert_eq!((value(telemetry(), &pending), value(telemetry(), &waited)), (0.0, 5.0));
    assert_eq!(value(telemetry(), &operations(POOL, "SELECT", "cancelled")), 1.0);
    drop(held);
    run(&database, "SELECT 1").await.unwrap();
    reaches(telemetry(), &connections(POOL, "idle"), 1.0).await;
    assert_eq!(value(telemetry(), &connections(POOL, "used")), 0.0);
    assert_eq!(value(telemetry(), &operations(POOL, "SELECT", "")), 1.0);

    interrupted(&database, POOL).await;
    database.pool().close().await;
    run(&database, "SELECT 1").await.unwrap_err();
    assert_eq!(errors(POOL, "pool_closed"), 1.0);
    assert_eq!(value(telemetry(), &connections(POOL, "idle")), 0.0);
}

/// A query whose caller does not wait for its end, and a stream that nobody reads to the end.
async fn interrupted(database: &Database<Pg>, pool: &str) {
    let asleep = run(database, "SELECT pg_sleep(0.3)");
    assert!(timeout(Duration::from_millis(100), asleep).await.is_err());
    assert_eq!(value(telemetry(), &operations(pool, "SELECT", "cancelled")), 2.0);

    let mut numbers =
        sqlx::query("SELECT * FROM generate_series(1, 10000)").fetch(database.operation("numbers"));
    for expected in 1..=2 {
        let row = numbers.try_next().await.unwrap().unwrap();
        assert_eq!(row.get::<i32, _>(0), expected);
    }
    drop(numbers);
    assert_eq!(value(telemetry(), &operations(pool, "numbers", "cancelled")), 1.0);
    let numbers = sqlx::query("SELECT * FROM generate_series(1, 10000)").fetch(database.operation("numbers"));
    assert_eq!(numbers.try_fold(0, async |count, _| Ok(count + 1)).await.unwrap(), 10_000);
    assert_eq!(value(telemetry(), &operations(pool, "numbers", "")), 1.0);
    assert_eq!(value(telemetry(), &operations(pool, "numbers", "cancelled")), 1.0);
}
