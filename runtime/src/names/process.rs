//! The process, as the system knows it.

use super::Part;
use super::metric::{Metric, Unit, counter, gauge};

pub(crate) const PROCESS_CPU: Metric =
    counter("process_cpu_seconds_total", "User and system CPU time in seconds.", &[]).in_unit(Unit::Seconds);
pub(crate) const PROCESS_RESIDENT_MEMORY: Metric =
    gauge("process_resident_memory_bytes", "Resident memory in bytes.", &[]).in_unit(Unit::Bytes);
pub(crate) const PROCESS_VIRTUAL_MEMORY: Metric =
    gauge("process_virtual_memory_bytes", "Virtual memory in bytes.", &[]).in_unit(Unit::Bytes);
pub(crate) const PROCESS_START_TIME: Metric =
    gauge("process_start_time_seconds", "Start of the process in seconds since the Unix epoch.", &[])
        .in_unit(Unit::Seconds);
pub(crate) const PROCESS_THREADS: Metric = gauge("process_threads", "Threads.", &[]);
pub(crate) const PROCESS_OPEN_FDS: Metric = gauge("process_open_fds", "Open file descriptors.", &[]);
pub(crate) const PROCESS_MAX_FDS: Metric = gauge("process_max_fds", "Limit on open file descriptors.", &[]);

pub(super) const PART: Part = Part {
    title: "The process, on Linux",
    metrics: &[
        &PROCESS_CPU,
        &PROCESS_RESIDENT_MEMORY,
        &PROCESS_VIRTUAL_MEMORY,
        &PROCESS_START_TIME,
        &PROCESS_THREADS,
        &PROCESS_OPEN_FDS,
        &PROCESS_MAX_FDS,
    ],
};
