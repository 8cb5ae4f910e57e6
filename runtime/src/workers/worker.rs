//! Who works, and that they live.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use pin_project_lite::pin_project;

use super::pulse::Pulse;
use super::queue::Queue;
use crate::clock;

/// How often a sign of life is taken down at most.
const RESOLUTION: Duration = Duration::from_secs(1);

/// A worker of a [`Queue`]: active until it drops.
///
/// That it lives is shown by each poll of what it [watches](Self::watch), which the pulse of this crate causes every five seconds where
/// nothing else does, also by those of its jobs, and by [`beat`](Self::beat) in a loop of one's own. One that blocks its thread, or waits for a lock in
/// its loop, shows nothing, and so it should. The metric tells of the worker of the queue that was silent for longest.
#[derive(Debug)]
#[must_use = "a worker counts as active until it drops"]
pub struct Worker(Arc<Heart>);

/// What a worker and its jobs have in common.
#[derive(Debug)]
pub(super) struct Heart {
    queue: Queue,
    number: u64,
    last: AtomicU64,
}

impl Heart {
    pub(super) fn beat(&self) {
        let now = clock::ticks();
        let since = now.saturating_sub(self.last.load(Ordering::Relaxed));
        if since >= clock::ticks_in(RESOLUTION) {
            self.last.store(now, Ordering::Relaxed);
            self.queue.with(|state| state.beat(self.number, clock::unix_time().as_secs_f64()));
        }
    }
}

impl Worker {
    pub(super) fn new(queue: Queue) -> Self {
        static NUMBERS: AtomicU64 = AtomicU64::new(0);
        let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
        queue.with(|state| state.worker_came(number, clock::unix_time().as_secs_f64()));
        Self(Arc::new(Heart { queue, number, last: AtomicU64::new(clock::ticks()) }))
    }

    /// Shows that it lives: for a loop that no runtime polls. More often than once a second changes nothing.
    pub fn beat(&self) {
        self.0.beat();
    }

    /// Polls `future`, which is what the worker does, and shows with each poll that it lives. The worker is gone with it.
    pub fn watch<F: Future>(self, future: F) -> Watched<F> {
        Watched { future, worker: self, pulse: Pulse::default() }
    }

    #[cfg(any(feature = "apalis", feature = "tokio"))]
    pub(super) fn heart(&self) -> Arc<Heart> {
        Arc::clone(&self.0)
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.0.queue.with(|state| state.worker_left(self.0.number));
    }
}

pin_project! {
    /// What a [`Worker`] does.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct Watched<F> {
        #[pin]
        future: F,
        worker: Worker,
        pulse: Pulse,
    }
}

impl<F: Future> Future for Watched<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        this.worker.beat();
        let polled = this.future.poll(task);
        if polled.is_pending() {
            this.pulse.wake(task.waker());
        }
        polled
    }
}
