//! The handles of the metrics of a queue and of its tasks.

use metrics::{Counter, Gauge, Histogram};

use crate::names::{
    WORKER_ACTIVE, WORKER_BUSY, WORKER_HEARTBEAT, WORKER_NOT_RUN, WORKER_NOT_RUN_REASONS, WORKER_QUEUE_DEPTH,
    WORKER_QUEUE_WAIT, WORKER_RETRIES, WORKER_TASK_DURATION, WORKER_TASKS,
};
use crate::outcome::Outcome;

/// Those of a queue.
pub(super) struct QueueSeries {
    pub(super) depth: Gauge,
    pub(super) active: Gauge,
    pub(super) busy: Gauge,
    pub(super) heartbeat: Gauge,
    pub(super) wait: Histogram,
    not_run: [Counter; WORKER_NOT_RUN_REASONS.len()],
}

/// Why no worker began a job. In the order of the values of the label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotRun {
    /// There was no room, and the sender did not wait.
    Full = 0,
    /// Nobody takes jobs any more.
    Closed = 1,
    /// Dropped in the queue, or after it was taken from there.
    Dropped = 2,
}

impl QueueSeries {
    pub(super) fn of(queue: &'static str) -> Self {
        Self {
            depth: WORKER_QUEUE_DEPTH.gauge([queue]),
            active: WORKER_ACTIVE.gauge([queue]),
            busy: WORKER_BUSY.gauge([queue]),
            heartbeat: WORKER_HEARTBEAT.gauge([queue]),
            wait: WORKER_QUEUE_WAIT.histogram([queue]),
            not_run: WORKER_NOT_RUN_REASONS.map(|reason| WORKER_NOT_RUN.counter([queue, reason])),
        }
    }

    pub(super) fn not_run(&self, reason: NotRun) {
        self.not_run[reason as usize].increment(1);
    }
}

/// Those of a task.
pub(super) struct TaskSeries {
    duration: Histogram,
    ended: [Counter; Outcome::ALL.len()],
    retries: Counter,
}

impl TaskSeries {
    pub(super) fn of(queue: &'static str, task: &'static str) -> Self {
        Self {
            duration: WORKER_TASK_DURATION.histogram([queue, task]),
            ended: Outcome::ALL.map(|outcome| WORKER_TASKS.counter([queue, task, outcome.as_str()])),
            retries: WORKER_RETRIES.counter([queue, task]),
        }
    }

    pub(super) fn ended(&self, outcome: Outcome, seconds: f64) {
        self.duration.record(seconds);
        self.ended[outcome as usize].increment(1);
    }

    pub(super) fn retried(&self, times: u64) {
        self.retries.increment(times);
    }
}
