//! Databases, whatever they are: SQL, and stores of keys and values.

use super::Part;
use super::metric::{Label, Metric, any, durations, one_of};

/// Those that operations are counted of.
const SYSTEM: Label = one_of("db_system_name", &["postgresql", "sqlite", "mysql", "redis", "other_sql"]);
const POOL: Label =
    any("db_client_connection_pool_name", "the name that the program gave its pool or connection");
/// Why an operation failed, of all systems.
const ERROR: Label = one_of(
    "error_type",
    &[
        "",
        "connection",
        "timeout",
        "auth",
        "busy",
        "out_of_memory",
        "wrong_type",
        "read_only",
        "cluster",
        "cancelled",
        "other",
    ],
);
const OPERATION: Label = any(
    "db_operation_name",
    "the name that the program gave, else the command, such as `SELECT`, or `_OTHER`; beyond 1,000 of them `__overflow__`",
);

pub(crate) const DB_OPERATION_DURATION: Metric = durations(
    "db_client_operation_duration_seconds",
    "How long operations on databases took, as their caller saw it.",
    &[SYSTEM, POOL, OPERATION, ERROR],
);

pub(super) const PART: Part =
    Part { title: "Databases (features `sqlx`, `redis`)", metrics: &[&DB_OPERATION_DURATION] };
