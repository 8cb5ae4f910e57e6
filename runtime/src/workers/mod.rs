//! Jobs of queues, and who works on them.
//!
//! ```text
//! enqueuer's Context ─► message ─► queue ─► worker ─► Context ─► job ─► outcome     depth, wait, heartbeat, metrics
//! ```
//!
//! - [`channel`](fn@channel) (feature `tokio`): a channel of tokio whose messages carry the request of their sender.
//! - [`apalis`] (feature `apalis`): a layer for workers of apalis, whatever their backend.
//! - [`Queue`], [`Job`] and [`Worker`]: any other queue, by hand.
//!
//! # Metrics
//! | name | type | labels |
//! |---|---|---|
//! | `worker_tasks_total` | counter | `queue`, `task`, `outcome`: `ok`, `error`, `panic`, `cancelled` |
//! | `worker_task_duration_seconds` | histogram | `queue`, `task` |
//! | `worker_retries_total` | counter | `queue`, `task` |
//! | `worker_queue_depth` | gauge | `queue` |
//! | `worker_queue_wait_seconds` | histogram | `queue` |
//! | `worker_jobs_not_run_total` | counter | `queue`, `reason`: `full`, `closed`, `dropped` |
//! | `worker_active`, `worker_busy` | gauge | `queue` |
//! | `worker_heartbeat_timestamp_seconds` | gauge | `queue` |
//!
//! - The series of a queue are on the page from its creation on ([`Queue::new`], [`channel`](fn@channel), `WorkerLayer::new`), those of a task from
//!   [`Queue::with_tasks`] on, or from its first job. Jobs that ended before [`init`](fn@crate::init) count nowhere; how many wait, who is
//!   active and who is busy is told of queues from before as well.
//! - A job is begun when it is run, and each counts in exactly one outcome. One whose future drops before its end is `cancelled`.
//! - A retry is an attempt that is not the first, counted when it begins. What a retry waited for is not in `worker_queue_wait_seconds`.
//! - `worker_queue_depth` is that of a channel in this process, and for other queues what was said last, by
//!   [`Queue::set_depth`] or [`Queue::watch_depth`].
//! - `worker_heartbeat_timestamp_seconds` is the time at which that worker of the queue last showed that it lives which was silent for longest. A worker
//!   shows it whenever it is polled, at least every five seconds while its thread is free to do so, also while it has nothing to do:
//!   a thread of this crate wakes it. It stands still where a job blocks the thread, and when the last worker is gone; it is 0 in a
//!   process that never had one.

mod series;
mod state;
mod queue;
mod pulse;
mod worker;
mod output;
mod under_way;
mod job;
#[cfg(feature = "tokio")]
mod channel;
#[cfg(feature = "apalis")]
pub mod apalis;

#[cfg(feature = "tokio")]
pub use self::channel::{Permit, Received, Receiver, Sender, channel};
pub use self::job::{Job, Running};
pub use self::output::ToOutcome;
pub use self::queue::Queue;
pub use self::series::NotRun;
pub use self::worker::{Watched, Worker};
