//! A job under way, which ends in exactly one way.

use super::queue::Queue;
use crate::clock;
use crate::outcome::Outcome;

/// When it drops before it was ended, somebody left it.
#[derive(Debug)]
pub(super) struct UnderWay {
    queue: Queue,
    task: &'static str,
    began: u64,
    end: Outcome,
    is_counted: bool,
}

impl UnderWay {
    pub(super) fn begin(queue: Queue, task: &'static str) -> Self {
        queue.with(|state| state.begun());
        Self { queue, task, began: clock::ticks(), end: Outcome::Cancelled, is_counted: false }
    }

    /// Runs code of the job. What leaves it by a panic is one.
    pub(super) fn guarding<T>(&mut self, run: impl FnOnce() -> T) -> T {
        self.end = Outcome::Panic;
        let output = run();
        self.end = Outcome::Cancelled;
        output
    }

    #[cfg(feature = "apalis")]
    pub(super) fn retried(&self, times: u64) {
        self.queue.with(|state| {
            if let Some(series) = state.task(self.task) {
                series.retried(times);
            }
        });
    }

    /// Counts it, unless it was.
    pub(super) fn end(&mut self, outcome: Outcome) {
        if std::mem::replace(&mut self.is_counted, true) {
            return;
        }
        let seconds = clock::seconds(clock::ticks().saturating_sub(self.began));
        self.queue.with(|state| {
            if let Some(series) = state.task(self.task) {
                series.ended(outcome, seconds);
            }
            state.ended();
        });
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.end(self.end);
    }
}
