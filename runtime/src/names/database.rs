//! Databases, whatever they are: SQL, and stores of keys and values.

use super::Part;
use super::metric::{Label, Metric, any, durations, one_of};

/// Those that operations are counted of.
const SYSTEM: Label = one_of("db_system_name", &["postgresql", "sqlite", "mysql", "redis", "other_sql"]);
const POOL: Label =
    any("db_client_connection_pool_name", "the name that the program gave its pool or connection");
const OPERATION: Label = any(
    "db_operation_name",
    "the name that the program gave, else the command, such as `SELECT`, or `_OTHER`; beyond 1,000 of them `__overflow__`",
);

pub(crate) const DB_OPERATION_DURATION: Metric = durations(
    "db_client_operation_duration_seconds",
    "How long operations on databases took, as their caller saw it.",
    &[SYSTEM, POOL, OPERATION, one_of("error_type", &[""])],
);

pub(super) const PART: Part =
    Part { title: "Databases (features `sqlx`, `redis`)", metrics: &[&DB_OPERATION_DURATION] };
