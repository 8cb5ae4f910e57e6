//! Databases of sqlx: what they are asked, how that ends, and how long callers wait for a connection.
//!
//! ```text
//! query ─► Database ─► Measured ─► connection of the pool, waited for ─► driver ─► row ─► metrics
//! query ─► Transaction, Connection ─► Measured ─► theirs ──────────────────┘
//! ```
//!
//! [`Database::new`] takes a `sqlx::Pool` of any driver. A `&Database`, a `&mut Transaction` and a `&mut Connection` are executors
//! of sqlx, so a program changes where it gets them and no query.
//!
//! # Metrics
//! | name | type | labels |
//! |---|---|---|
//! | `db_client_operation_duration_seconds` | histogram | `db_system_name`, `db_client_connection_pool_name`, `db_operation_name`, `error_type` |
//! | `db_client_operation_errors_total` | counter | `db_system_name`, `db_client_connection_pool_name`, `error_type` |
//! | `db_client_transactions_total` | counter | `db_system_name`, `db_client_connection_pool_name`, `outcome`: `commit`, `rollback`, `dropped` |
//! | `db_client_connections` | gauge | `db_client_connection_pool_name`, `db_client_connection_state`: `idle`, `used` |
//! | `db_client_connection_max` | gauge | `db_client_connection_pool_name` |
//! | `db_client_connection_pending_requests` | gauge | `db_client_connection_pool_name` |
//! | `db_client_connection_wait_time_seconds` | histogram | `db_client_connection_pool_name` |
//! | `db_client_connection_timeouts_total` | counter | `db_client_connection_pool_name` |
//!
//! - `db_operation_name` is the name that the program gave, or else the first word of the SQL where it is one of some thirty, such as
//!   `SELECT`, and `_OTHER` where it is not. Nothing else of a statement, and no value of it, becomes a label. A pool has
//!   1,000 names at most; further ones are `__overflow__`, and counted in `tachograph_series_dropped_total`.
//! - An operation lasts from the first poll until its result is there, or its stream has ended, and includes the wait for a connection,
//!   which has a metric of its own. It ends in exactly one way, also where its future or its stream is dropped before (`cancelled`) and
//!   where a driver panics (`panic`). One that is never polled never began.
//! - That no row was found (`RowNotFound`) is an answer and no error. What goes wrong when a program decodes a row is not the
//!   database's, and not seen.
//! - Gauges are right at each scrape. `used` are all connections that are not idle, those that are being opened or returned among them.
//!
//! # Classes of errors
//! By SQLSTATE for PostgreSQL and MySQL, by the primary code for SQLite, and by the kind of `sqlx::Error`:
//!
//! | `error_type` | what it is |
//! |---|---|
//! | `connection` | there is no server, it refuses, goes away or starts, the connection breaks, the file cannot be opened |
//! | `pool_timeout` | others had all connections of the pool for too long |
//! | `pool_closed` | the program has closed the pool |
//! | `timeout` | `statement_timeout` and the like, or the statement was interrupted |
//! | `constraint` | unique, foreign key, not null, check |
//! | `serialization`, `deadlock`, `lock_wait` | worth another try; SQLite's `database is locked` is a `lock_wait` |
//! | `transaction` | the transaction has failed before, or is none |
//! | `syntax` | wrong SQL, or a table or column that does not exist |
//! | `permission` | wrong password, missing right, read-only |
//! | `data` | a value that does not fit: division by zero, out of range, not a number |
//! | `encode`, `decode` | a value that the driver could not write or read |
//! | `resource` | disk, memory or connections of the server are used up |
//! | `corruption` | the data are damaged, or no database |
//! | `configuration` | the address or its settings are wrong, or the database does not exist |
//! | `cancelled`, `panic`, `other` | |
//!
//! sqlx says of a server that refuses connections only that the pool got none in time. Such a timeout is a `connection` where not all
//! connections of the pool were in use.

mod keyword;
mod error_type;
mod operations;
mod series;
mod pool;
mod under_way;
mod taken;
mod yielding;
mod executor;
mod connection;
mod transaction;
mod handle;

pub use self::connection::Connection;
pub use self::executor::Measured;
pub use self::handle::Database;
pub use self::transaction::Transaction;
