//! A channel of tokio as a queue.

use std::fmt;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};

use tokio::sync::mpsc;
use tokio::sync::mpsc::error::{SendError, TryRecvError, TrySendError};

use super::job::Running;
use super::output::ToOutcome;
use super::pulse::Pulse;
use super::queue::Queue;
use super::series::NotRun;
use super::worker::{Heart, Worker};
use crate::clock;
use crate::context::Context;

/// A channel of tokio that is the queue of this name: its messages carry the context of their sender, its depth is on the page, and so is
/// how long they wait in it.
///
/// It holds `capacity` messages, at least one. What is still in it when its receiver drops counts in
/// `worker_jobs_not_run_total{reason="dropped"}`.
///
/// ```
/// # async fn download(url: &str) -> Result<usize, std::io::Error> { Ok(url.len()) }
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let (downloads, mut received) = tachograph::workers::channel::<String>("downloads", 100);
/// let worker = tokio::spawn(async move {
///     while let Some(job) = received.recv().await {
///         let _ = job.run("download_file", |url| async move { download(&url).await }).await;
///     }
/// });
/// downloads.send("https://example.com/file.zip".into()).await.unwrap();
/// # drop(downloads);
/// # worker.await.unwrap();
/// # });
/// ```
pub fn channel<T>(queue: &str, capacity: usize) -> (Sender<T>, Receiver<T>) {
    let queue = Queue::new(queue);
    let (sender, receiver) = mpsc::channel(capacity.clamp(1, tokio::sync::Semaphore::MAX_PERMITS));
    let receiver = Receiver { receiver, worker: queue.worker(), pulse: Pulse::default() };
    (Sender { sender, queue }, receiver)
}

/// What puts jobs into a [`channel`](fn@channel).
pub struct Sender<T> {
    sender: mpsc::Sender<Message<T>>,
    queue: Queue,
}

impl<T> Sender<T> {
    /// Puts a job of the current request into the queue, as soon as there is room.
    ///
    /// # Errors
    /// The job, where nobody takes any more.
    pub async fn send(&self, payload: T) -> Result<(), SendError<T>> {
        self.send_attempt(payload, 1).await
    }

    /// The same for a job that has been tried: `attempt` is 2 for the first retry.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub async fn send_attempt(&self, payload: T, attempt: u32) -> Result<(), SendError<T>> {
        match self.sender.reserve().await {
            Ok(permit) => {
                permit.send(Message::new(self.queue, payload, attempt));
                Ok(())
            }
            Err(_) => {
                self.queue.not_run(NotRun::Closed);
                Err(SendError(payload))
            }
        }
    }

    /// Puts a job of the current request into the queue if there is room.
    ///
    /// # Errors
    /// The job, where there is no room or nobody takes any more.
    pub fn try_send(&self, payload: T) -> Result<(), TrySendError<T>> {
        self.try_send_attempt(payload, 1)
    }

    /// The same for a job that has been tried: `attempt` is 2 for the first retry.
    ///
    /// # Errors
    /// As [`try_send`](Self::try_send).
    pub fn try_send_attempt(&self, payload: T, attempt: u32) -> Result<(), TrySendError<T>> {
        match self.try_reserve() {
            Ok(permit) => {
                permit.send_attempt(payload, attempt);
                Ok(())
            }
            Err(TrySendError::Full(())) => Err(TrySendError::Full(payload)),
            Err(TrySendError::Closed(())) => Err(TrySendError::Closed(payload)),
        }
    }

    /// Waits for room for a job that is made only then.
    ///
    /// # Errors
    /// Where nobody takes any more.
    pub async fn reserve(&self) -> Result<Permit<'_, T>, SendError<()>> {
        let reserved = self.sender.reserve().await;
        reserved
            .map(|permit| Permit { permit, queue: self.queue })
            .inspect_err(|_| self.queue.not_run(NotRun::Closed))
    }

    /// Takes room for a job if there is any.
    ///
    /// # Errors
    /// Where there is none, or nobody takes any more.
    pub fn try_reserve(&self) -> Result<Permit<'_, T>, TrySendError<()>> {
        let reserved = self.sender.try_reserve();
        reserved.map(|permit| Permit { permit, queue: self.queue }).inspect_err(|error| {
            self.queue.not_run(match error {
                TrySendError::Full(()) => NotRun::Full,
                TrySendError::Closed(()) => NotRun::Closed,
            });
        })
    }

    /// Whether nobody takes any more.
    pub fn is_closed(&self) -> bool {
        self.sender.is_closed()
    }

    /// Waits until nobody takes any more.
    pub async fn closed(&self) {
        self.sender.closed().await;
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        Self { sender: self.sender.clone(), queue: self.queue }
    }
}

/// Room in the queue, for one job.
#[must_use = "the room is free again when this drops"]
pub struct Permit<'a, T> {
    permit: mpsc::Permit<'a, Message<T>>,
    queue: Queue,
}

impl<T> Permit<'_, T> {
    /// Puts a job of the current request there.
    pub fn send(self, payload: T) {
        self.send_attempt(payload, 1);
    }

    /// The same for a job that has been tried: `attempt` is 2 for the first retry.
    pub fn send_attempt(self, payload: T, attempt: u32) {
        self.permit.send(Message::new(self.queue, payload, attempt));
    }
}

/// What takes jobs from a [`channel`](fn@channel): the worker of its queue, active until it drops.
pub struct Receiver<T> {
    receiver: mpsc::Receiver<Message<T>>,
    worker: Worker,
    pulse: Pulse,
}

impl<T> Receiver<T> {
    /// The next job; none when all senders are gone. To drop the future loses no job.
    pub async fn recv(&mut self) -> Option<Received<T>> {
        std::future::poll_fn(|task| self.poll_recv(task)).await
    }

    /// The same for futures of one's own.
    pub fn poll_recv(&mut self, task: &mut TaskContext<'_>) -> Poll<Option<Received<T>>> {
        self.worker.beat();
        let polled = self.receiver.poll_recv(task);
        if polled.is_pending() {
            self.pulse.wake(task.waker());
        }
        polled.map(|message| Some(self.taken(message?)))
    }

    /// The next job if one waits.
    ///
    /// # Errors
    /// Where none waits, and where none will any more.
    pub fn try_recv(&mut self) -> Result<Received<T>, TryRecvError> {
        self.worker.beat();
        let message = self.receiver.try_recv()?;
        Ok(self.taken(message))
    }

    /// Lets no more jobs in; those that are in the queue are still to be had.
    pub fn close(&mut self) {
        self.receiver.close();
    }

    fn taken(&self, mut message: Message<T>) -> Received<T> {
        message.place.take();
        Received { message, heart: self.worker.heart() }
    }
}

/// A job that was taken from a [`channel`](fn@channel), to be run.
#[must_use = "a job does nothing unless it is run"]
pub struct Received<T> {
    message: Message<T>,
    heart: Arc<Heart>,
}

impl<T> Received<T> {
    /// What was sent.
    pub const fn payload(&self) -> &T {
        &self.message.payload
    }

    /// The number of this attempt, as its sender said.
    pub const fn attempt(&self) -> u32 {
        self.message.attempt
    }

    /// Runs the job, which is `task`, in the context of its sender. It is begun by this call; it counts as cancelled when the future
    /// drops before its end. Its future may as well be spawned.
    pub fn run<F, M>(self, task: &str, make: M) -> Running<F>
    where
        M: FnOnce(T) -> F,
        F: Future<Output: ToOutcome>,
    {
        let (job, payload) = self.begin(task);
        job.run_made(|| make(payload))
    }

    /// The same on this thread.
    pub fn run_blocking<R: ToOutcome>(self, task: &str, body: impl FnOnce(T) -> R) -> R {
        let (job, payload) = self.begin(task);
        job.run_blocking(|| body(payload))
    }

    fn begin(self, task: &str) -> (super::job::Job, T) {
        let Message { payload, context, attempt, sent, place } = self.message;
        let job = place.queue.job(task).context(context).attempt(attempt).of(self.heart);
        place.run();
        (job.waited(clock::duration(clock::ticks().saturating_sub(sent))), payload)
    }
}

/// What is in the channel.
struct Message<T> {
    payload: T,
    context: Context,
    attempt: u32,
    sent: u64,
    place: Place,
}

impl<T> Message<T> {
    fn new(queue: Queue, payload: T, attempt: u32) -> Self {
        let (context, sent) = (Context::current(), clock::ticks());
        Self { payload, context, attempt, sent, place: Place::of(queue) }
    }
}

/// The place of a job in the queue: whatever becomes of the job, the place is free once.
struct Place {
    queue: Queue,
    is_waiting: bool,
    is_run: bool,
}

impl Place {
    fn of(queue: Queue) -> Self {
        queue.with(|state| state.came());
        Self { queue, is_waiting: true, is_run: false }
    }

    fn take(&mut self) {
        if std::mem::replace(&mut self.is_waiting, false) {
            self.queue.with(|state| state.left());
        }
    }

    fn run(mut self) {
        self.is_run = true;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.take();
        if !self.is_run {
            self.queue.not_run(NotRun::Dropped);
        }
    }
}

macro_rules! shown_by_name {
    ($($type:ident<$($lifetime:lifetime,)? T>),*) => {$(
        impl<T> fmt::Debug for $type<$($lifetime,)? T> {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.debug_struct(stringify!($type)).finish_non_exhaustive()
            }
        }
    )*};
}

shown_by_name!(Sender<T>, Permit<'_, T>, Receiver<T>, Received<T>);
