//! Downloads.

use super::Part;
use super::metric::{Label, Metric, Unit, any, counter, durations, gauge, one_of, sizes};

/// How a download ended; the first is that it did not fail.
pub(crate) const DOWNLOAD_ERROR_TYPES: [&str; 9] =
    ["", "timeout", "connection", "status", "integrity", "disk", "cancelled", "panic", "other"];

const QUEUE: Label = any("queue", "the name that the program gave its downloads");

pub(crate) const DOWNLOADS: Metric = counter(
    "downloads_total",
    "Downloads that ended, by how.",
    &[QUEUE, one_of("error_type", &DOWNLOAD_ERROR_TYPES)],
);
pub(crate) const DOWNLOAD_BYTES: Metric =
    counter("download_bytes_total", "Bytes received, also of downloads that failed later.", &[QUEUE])
        .in_unit(Unit::Bytes);
pub(crate) const DOWNLOAD_DURATION: Metric = durations(
    "download_duration_seconds",
    "How long downloads took from their start to their end, whichever it was.",
    &[QUEUE],
);
pub(crate) const DOWNLOAD_SPEED: Metric = sizes(
    "download_speed_bytes_per_second",
    "Bytes a second over the whole of downloads that succeeded.",
    &[QUEUE],
)
.in_unit(Unit::BytesPerSecond);
pub(crate) const DOWNLOADS_ACTIVE: Metric = gauge("downloads_active", "Downloads under way.", &[QUEUE]);
pub(crate) const DOWNLOADS_QUEUED: Metric =
    gauge("downloads_queued", "Downloads that wait for their start.", &[QUEUE]);

pub(super) const PART: Part = Part {
    title: "Downloads (feature `downloads`)",
    metrics: &[
        &DOWNLOADS,
        &DOWNLOAD_BYTES,
        &DOWNLOAD_DURATION,
        &DOWNLOAD_SPEED,
        &DOWNLOADS_ACTIVE,
        &DOWNLOADS_QUEUED,
    ],
};
