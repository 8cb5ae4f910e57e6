//! One job of a queue.

use std::pin::Pin;
use std::sync::Arc;
use std::task;
use std::time::Duration;

use pin_project_lite::pin_project;

use super::output::ToOutcome;
use super::pulse::Pulse;
use super::queue::Queue;
use super::under_way::UnderWay;
use super::worker::Heart;
use crate::context::{Context, Scoped};

/// A job that was taken from a [`Queue`], and what is known of it. It counts once it is run, and then exactly once.
#[derive(Debug)]
#[must_use = "a job does nothing unless it is run"]
pub struct Job {
    queue: Queue,
    task: &'static str,
    context: Context,
    attempt: u32,
    waited: Option<Duration>,
    heart: Option<Arc<Heart>>,
}

impl Job {
    pub(super) fn new(queue: Queue, task: &'static str) -> Self {
        Self { queue, task, context: Context::default(), attempt: 1, waited: None, heart: None }
    }

    /// The context of whoever put it into the queue, as it came with the message. Without one, or without an id in it, the job is a
    /// request of its own; where there is a trace, the job is a step of it.
    pub fn context(mut self, context: Context) -> Self {
        self.context = context;
        self
    }

    /// The number of this attempt, from 1 on; one that is not the first counts as a retry.
    pub const fn attempt(mut self, attempt: u32) -> Self {
        self.attempt = attempt;
        self
    }

    /// How long it was in the queue.
    pub const fn waited(mut self, waited: Duration) -> Self {
        self.waited = Some(waited);
        self
    }

    /// What it does shows that this worker lives.
    #[cfg(any(feature = "apalis", feature = "tokio"))]
    pub(super) fn of(mut self, heart: Arc<Heart>) -> Self {
        self.heart = Some(heart);
        self
    }

    /// Runs the job in its context. It is begun by this call, and cancelled when the future drops before its end.
    pub fn run<F>(self, future: F) -> Running<F>
    where
        F: Future<Output: ToOutcome>,
    {
        self.run_made(|| future)
    }

    /// The same for what is made in the context as well.
    pub(super) fn run_made<F: Future>(self, make: impl FnOnce() -> F) -> Running<F> {
        let (context, mut under_way, heart) = self.begin();
        let future = under_way.guarding(|| context.scope_made(make));
        Running { future, under_way, heart, pulse: Pulse::default() }
    }

    /// Runs the job in its context, on this thread.
    ///
    /// ```
    /// let thumbnails = tachograph::workers::Queue::new("thumbnails");
    /// let size = thumbnails.job("shrink").run_blocking(|| "17".parse::<u32>());
    /// assert_eq!(size, Ok(17));
    /// ```
    pub fn run_blocking<T: ToOutcome>(self, body: impl FnOnce() -> T) -> T {
        let (context, mut under_way, _) = self.begin();
        let output = under_way.guarding(|| context.run(body));
        under_way.end(output.to_outcome());
        output
    }

    fn begin(self) -> (Context, UnderWay, Option<Arc<Heart>>) {
        self.queue.with(|state| {
            if let Some(waited) = self.waited {
                state.series().wait.record(waited.as_secs_f64());
            }
            if let Some(series) = state.task(self.task).filter(|_| self.attempt > 1) {
                series.retried(1);
            }
        });
        let under_way = UnderWay::begin(self.queue, self.task);
        (of_job(self.context), under_way, self.heart)
    }
}

/// The context of the job itself.
fn of_job(sent: Context) -> Context {
    let context = sent.or_new_id();
    match context.trace().map(crate::trace_context::TraceContext::child) {
        Some(step) => context.with_trace(step),
        None => context,
    }
}

pin_project! {
    /// A [`Job`] under way.
    #[derive(Debug)]
    #[must_use = "a job is cancelled when it drops before its end"]
    pub struct Running<F> {
        #[pin]
        future: Scoped<F>,
        // After the future: what it does when it drops is part of the job.
        under_way: UnderWay,
        heart: Option<Arc<Heart>>,
        pulse: Pulse,
    }
}

impl<F> Running<F> {
    #[cfg(feature = "apalis")]
    pub(super) fn retried(self: Pin<&mut Self>, times: u64) {
        self.project().under_way.retried(times);
    }
}

impl<F: Future<Output: ToOutcome>> Future for Running<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, task: &mut task::Context<'_>) -> task::Poll<F::Output> {
        let this = self.project();
        if let Some(heart) = this.heart {
            heart.beat();
        }
        let polled = this.under_way.guarding(|| this.future.poll(task));
        match &polled {
            task::Poll::Ready(output) => this.under_way.end(output.to_outcome()),
            task::Poll::Pending if this.heart.is_some() => this.pulse.wake(task.waker()),
            task::Poll::Pending => {}
        }
        polled
    }
}
