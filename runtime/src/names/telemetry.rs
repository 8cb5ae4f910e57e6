//! The telemetry itself.

use super::Part;
use super::metric::{Label, Metric, Unit, any, counter, gauge, one_of};

/// Why a record is not in a log.
pub(crate) const LOG_REASONS: [&str; 4] = ["queue_full", "write_failed", "shutdown", "rate_limited"];
/// What can fail of a log.
pub(crate) const LOG_OPERATIONS: [&str; 5] = ["write", "rotate", "open", "compress", "prune"];

/// What can be logged at most.
pub(crate) const LOG_LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

const LOG: Label = one_of("log", &["main", "error", "performance", "console"]);

pub(crate) const LOG_RECORDS: Metric =
    counter("tachograph_log_records_total", "Records written to a log.", &[LOG]);
pub(crate) const LOG_DROPPED: Metric = counter(
    "tachograph_log_dropped_total",
    "Records lost to a log, by reason.",
    &[LOG, one_of("reason", &LOG_REASONS)],
);
pub(crate) const LOG_ERRORS: Metric = counter(
    "tachograph_log_errors_total",
    "Operations of a log that failed; those of its files are tried again.",
    &[LOG, one_of("operation", &LOG_OPERATIONS)],
);
pub(crate) const LOG_ROTATIONS: Metric = counter(
    "tachograph_log_rotations_total",
    "Rotations of a log file.",
    &[one_of("log", &["main", "error", "performance"])],
);
pub(crate) const LOG_LEVEL: Metric = gauge(
    "tachograph_log_level",
    "1 for the most verbose level that anything is logged at, 0 for the others.",
    &[one_of("level", &LOG_LEVELS)],
);
pub(crate) const LOG_LEVEL_OVERRIDDEN: Metric =
    gauge("tachograph_log_level_overridden", "1 while the log has another level than was configured.", &[]);
pub(crate) const SERIES_DROPPED: Metric = counter(
    "tachograph_series_dropped_total",
    "Times a series was not kept: the limit on series is reached, or its name or labels collide.",
    &[],
);
pub(crate) const SCRAPE_DURATION: Metric =
    gauge("tachograph_scrape_duration_seconds", "How long the last rendering of this page took.", &[])
        .in_unit(Unit::Seconds);
pub(crate) const BUILD_INFO: Metric = gauge(
    "tachograph_build_info",
    "1, labelled with the version of tachograph.",
    &[any("version", "that of the crate")],
)
.in_unit(Unit::Info);

pub(super) const PART: Part = Part {
    title: "The telemetry itself",
    metrics: &[
        &LOG_RECORDS,
        &LOG_DROPPED,
        &LOG_ERRORS,
        &LOG_ROTATIONS,
        &LOG_LEVEL,
        &LOG_LEVEL_OVERRIDDEN,
        &SERIES_DROPPED,
        &SCRAPE_DURATION,
        &BUILD_INFO,
    ],
};
