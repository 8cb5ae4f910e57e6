//! Databases, whatever they are: SQL, and stores of keys and values.

use super::Part;
use super::metric::{Label, Metric, any, counter, durations, gauge, one_of};

/// How operations on databases of SQL end, the first as they should. Errors of sqlx are these by their place.
pub(crate) const DB_ERROR_TYPES: [&str; 21] = [
    "",
    "connection",
    "pool_timeout",
    "pool_closed",
    "timeout",
    "constraint",
    "serialization",
    "deadlock",
    "lock_wait",
    "transaction",
    "syntax",
    "permission",
    "data",
    "decode",
    "encode",
    "resource",
    "corruption",
    "configuration",
    "cancelled",
    "panic",
    "other",
];
/// What becomes of transactions.
pub(crate) const DB_TRANSACTION_OUTCOMES: [&str; 3] = ["commit", "rollback", "dropped"];
/// What connections of a pool can be.
pub(crate) const DB_CONNECTION_STATES: [&str; 2] = ["idle", "used"];

/// Those that operations are counted of.
const SYSTEM: Label = one_of("db_system_name", &["postgresql", "sqlite", "mysql", "redis", "other_sql"]);
const POOL: Label =
    any("db_client_connection_pool_name", "the name that the program gave its pool or connection");
const OPERATION: Label = any(
    "db_operation_name",
    "the name that the program gave, else the command, such as `SELECT`, or `_OTHER`; beyond 1,000 of them `__overflow__`",
);
const ERROR_TYPE: Label = one_of("error_type", &ALL_ERROR_TYPES);
/// Those of SQL, in their order, and behind them those of Redis alone.
const ALL_ERROR_TYPES: [&str; DB_ERROR_TYPES.len() + OF_REDIS.len()] = {
    let mut all = [""; DB_ERROR_TYPES.len() + OF_REDIS.len()];
    let mut at = 0;
    while at < all.len() {
        all[at] =
            if at < DB_ERROR_TYPES.len() { DB_ERROR_TYPES[at] } else { OF_REDIS[at - DB_ERROR_TYPES.len()] };
        at += 1;
    }
    all
};
const OF_REDIS: [&str; 6] = ["auth", "busy", "out_of_memory", "wrong_type", "read_only", "cluster"];

pub(crate) const DB_OPERATION_DURATION: Metric = durations(
    "db_client_operation_duration_seconds",
    "How long operations on databases took, as their caller saw it.",
    &[SYSTEM, POOL, OPERATION, ERROR_TYPE],
);
pub(crate) const DB_OPERATION_ERRORS: Metric = counter(
    "db_client_operation_errors_total",
    "Operations on databases that did not end as they should.",
    &[SYSTEM, POOL, ERROR_TYPE],
);
pub(crate) const DB_TRANSACTIONS: Metric = counter(
    "db_client_transactions_total",
    "Transactions that ended; those that were dropped are rolled back.",
    &[SYSTEM, POOL, one_of("outcome", &DB_TRANSACTION_OUTCOMES)],
);
pub(crate) const DB_CONNECTION_COUNT: Metric = gauge(
    "db_client_connections",
    "Connections of a pool; used are also those that are being opened or returned.",
    &[POOL, one_of("db_client_connection_state", &DB_CONNECTION_STATES)],
);
pub(crate) const DB_CONNECTION_MAX: Metric =
    gauge("db_client_connection_max", "How many connections a pool may have.", &[POOL]);
pub(crate) const DB_CONNECTION_PENDING: Metric =
    gauge("db_client_connection_pending_requests", "Callers that wait for a connection.", &[POOL]);
pub(crate) const DB_CONNECTION_WAIT: Metric = durations(
    "db_client_connection_wait_time_seconds",
    "How long callers waited for a connection, also in vain.",
    &[POOL],
);
pub(crate) const DB_CONNECTION_TIMEOUTS: Metric =
    counter("db_client_connection_timeouts_total", "Callers that got no connection in time.", &[POOL]);

pub(super) const PART: Part = Part {
    title: "Databases (features `sqlx`, `redis`)",
    metrics: &[
        &DB_OPERATION_DURATION,
        &DB_OPERATION_ERRORS,
        &DB_TRANSACTIONS,
        &DB_CONNECTION_COUNT,
        &DB_CONNECTION_MAX,
        &DB_CONNECTION_PENDING,
        &DB_CONNECTION_WAIT,
        &DB_CONNECTION_TIMEOUTS,
    ],
};
