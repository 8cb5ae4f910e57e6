//! Jobs of real queues: in the request of whoever put them there, each counted once.

mod channel;
mod heartbeat;
mod apalis;
mod hand;

use tachograph::Telemetry;

use super::telemetry::{reaches, records, telemetry, value};

/// How often the jobs of a task ended in each way: ok, error, panic, cancelled.
fn outcomes(telemetry: &Telemetry, queue: &str, task: &str) -> [f64; 4] {
    ["ok", "error", "panic", "cancelled"].map(|outcome| {
        value(
            telemetry,
            &format!("worker_tasks_total{{outcome=\"{outcome}\",queue=\"{queue}\",task=\"{task}\"}}"),
        )
    })
}

/// A series of the queue.
fn of_queue(metric: &str, queue: &str) -> String {
    format!("{metric}{{queue=\"{queue}\"}}")
}

/// A series of the task.
fn of_task(metric: &str, queue: &str, task: &str) -> String {
    format!("{metric}{{queue=\"{queue}\",task=\"{task}\"}}")
}
