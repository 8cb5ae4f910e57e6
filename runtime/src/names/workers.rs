//! Jobs of queues, and who works on them.

use super::Part;
use super::functions::OUTCOME;
use super::metric::{Label, Metric, Unit, any, counter, durations, gauge, one_of};

/// Why no worker began a job.
pub(crate) const WORKER_NOT_RUN_REASONS: [&str; 3] = ["full", "closed", "dropped"];

const QUEUE: Label = any("queue", "its name; beyond 1,000 of them `__overflow__`");
const TASK: Label = any("task", "what the job does; beyond 1,000 of a queue `__overflow__`");

pub(crate) const WORKER_TASK_DURATION: Metric = durations(
    "worker_task_duration_seconds",
    "How long jobs took, from when they were begun until their end.",
    &[QUEUE, TASK],
);
pub(crate) const WORKER_TASKS: Metric =
    counter("worker_tasks_total", "Jobs that ended.", &[QUEUE, TASK, OUTCOME]);
pub(crate) const WORKER_RETRIES: Metric =
    counter("worker_retries_total", "Attempts at jobs but the first.", &[QUEUE, TASK]);
pub(crate) const WORKER_QUEUE_DEPTH: Metric =
    gauge("worker_queue_depth", "Jobs that wait for a worker.", &[QUEUE]);
pub(crate) const WORKER_QUEUE_WAIT: Metric =
    durations("worker_queue_wait_seconds", "How long jobs waited for a worker.", &[QUEUE]);
pub(crate) const WORKER_NOT_RUN: Metric = counter(
    "worker_jobs_not_run_total",
    "Jobs that no worker began: the queue was full or closed, or they were dropped from it.",
    &[QUEUE, one_of("reason", &WORKER_NOT_RUN_REASONS)],
);
pub(crate) const WORKER_ACTIVE: Metric =
    gauge("worker_active", "Workers that there are, busy or not.", &[QUEUE]);
pub(crate) const WORKER_BUSY: Metric = gauge("worker_busy", "Jobs under way.", &[QUEUE]);
pub(crate) const WORKER_HEARTBEAT: Metric = gauge(
    "worker_heartbeat_timestamp_seconds",
    "When the worker that was silent for longest last showed that it lives; 0 before there was one.",
    &[QUEUE],
)
.in_unit(Unit::Seconds);

pub(super) const PART: Part = Part {
    title: "Workers (features `workers`, `apalis`)",
    metrics: &[
        &WORKER_TASK_DURATION,
        &WORKER_TASKS,
        &WORKER_RETRIES,
        &WORKER_QUEUE_DEPTH,
        &WORKER_QUEUE_WAIT,
        &WORKER_NOT_RUN,
        &WORKER_ACTIVE,
        &WORKER_BUSY,
        &WORKER_HEARTBEAT,
    ],
};
