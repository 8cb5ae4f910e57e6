//! The layer around what a worker does.

use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context as TaskContext, Poll, ready};

use apalis_core::task::Task;
use apalis_core::task::attempt::Attempt;
use apalis_core::task::metadata::Metadata;
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use super::metadata::Enqueued;
use super::task_name::{ByArgs, ByType, Named, TaskName};
use crate::context::Context;
use crate::workers::job::{Job, Running};
use crate::workers::pulse::Pulse;
use crate::workers::queue::Queue;
use crate::workers::worker::Worker;

/// Measures each task of a worker of apalis, and runs it in the request that enqueued it. See the [module](crate::workers::apalis).
///
/// The worker is active from when it asks for its first task until it is gone. It shows that it lives whenever it asks for tasks, and whenever
/// one of them is polled.
#[derive(Clone, Debug)]
pub struct WorkerLayer<N = ByType> {
    queue: Queue,
    name: N,
}

impl WorkerLayer {
    /// For a worker of the queue of that name. Its tasks are called by the type of their arguments.
    pub fn new(queue: &str) -> Self {
        Self { queue: Queue::new(queue), name: ByType }
    }
}

impl<N> WorkerLayer<N> {
    /// All of its tasks are called this.
    #[must_use]
    pub fn task(self, name: &'static str) -> WorkerLayer<Named> {
        WorkerLayer { queue: self.queue.with_tasks([name]), name: Named(name) }
    }

    /// Its tasks are called by what they are to do: for arguments that are an `enum`.
    #[must_use]
    pub fn task_by<Args, F: Fn(&Args) -> &'static str>(self, name: F) -> WorkerLayer<ByArgs<F>> {
        WorkerLayer { queue: self.queue, name: ByArgs(name) }
    }
}

impl<S, N: Clone> Layer<S> for WorkerLayer<N> {
    type Service = Measured<S, N>;

    fn layer(&self, inner: S) -> Measured<S, N> {
        Measured { inner, layer: self.clone(), worker: Arc::default(), pulse: Pulse::default() }
    }
}

/// A service with a [`WorkerLayer`].
#[derive(Debug)]
pub struct Measured<S, N = ByType> {
    inner: S,
    layer: WorkerLayer<N>,
    /// There from the first task on that it asks for.
    worker: Arc<OnceLock<Worker>>,
    pulse: Pulse,
}

impl<S: Clone, N: Clone> Clone for Measured<S, N> {
    /// The same worker.
    fn clone(&self) -> Self {
        let (inner, layer, worker) = (self.inner.clone(), self.layer.clone(), Arc::clone(&self.worker));
        Self { inner, layer, worker, pulse: Pulse::default() }
    }
}

impl<S, N> Measured<S, N> {
    fn worker(&self) -> &Worker {
        self.worker.get_or_init(|| self.layer.queue.worker())
    }

    fn job<Args>(&self, task: &Task<Args>) -> Job
    where
        N: TaskName<Args>,
    {
        let Ok(context) = Context::extract(task.metadata());
        let job = self.layer.queue.job(self.layer.name.task_name(&task.args)).of(self.worker().heart());
        let attempt = u32::try_from(task.attempt()).unwrap_or(u32::MAX).saturating_add(1);
        let Ok(enqueued) = Enqueued::extract(task.metadata());
        // What a later attempt waited for is not the queue alone.
        let waited = enqueued.waited(task.run_at()).filter(|_| attempt == 1);
        let job = job.context(context).attempt(attempt);
        match waited {
            Some(waited) => job.waited(waited),
            None => job,
        }
    }
}

impl<S, N, Args, R, E> Service<Task<Args>> for Measured<S, N>
where
    S: Service<Task<Args>, Response = R, Error = E, Future: Future<Output = Result<R, E>>>,
    N: TaskName<Args>,
{
    type Response = R;
    type Error = E;
    type Future = MeasuredFuture<S::Future>;

    fn poll_ready(&mut self, task: &mut TaskContext<'_>) -> Poll<Result<(), E>> {
        self.worker().beat();
        self.pulse.wake(task.waker());
        self.inner.poll_ready(task)
    }

    fn call(&mut self, task: Task<Args>) -> Self::Future {
        let (job, attempt) = (self.job(&task), task.raw_attempt().clone());
        let before = attempt.current();
        MeasuredFuture { running: job.run_made(|| self.inner.call(task)), attempt, before }
    }
}

pin_project! {
    /// What the service of a [`WorkerLayer`] does with a task.
    #[derive(Debug)]
    #[must_use = "a task is cancelled when it drops before its end"]
    pub struct MeasuredFuture<F> {
        #[pin]
        running: Running<F>,
        // Raised with each attempt, also with those that are made further inside.
        attempt: Attempt,
        before: usize,
    }
}

impl<F, R, E> Future for MeasuredFuture<F>
where
    F: Future<Output = Result<R, E>>,
{
    type Output = Result<R, E>;

    fn poll(self: Pin<&mut Self>, task: &mut TaskContext<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let output = ready!(this.running.as_mut().poll(task));
        let attempts = this.attempt.current().saturating_sub(*this.before);
        this.running.retried(attempts.saturating_sub(1) as u64);
        Poll::Ready(output)
    }
}
