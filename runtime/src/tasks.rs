//! The context of a request on other threads and in other tasks.

use std::thread;

use crate::context::Context;

impl Context {
    /// `work`, to be done in this context wherever it is called: by another thread, a pool, a callback. What rayon takes
    /// once is given to it so: `rayon::spawn(context.wrap(work))`, and the two halves of a `rayon::join`.
    ///
    /// ```
    /// use tachograph::{Context, request_id, with_request_id};
    /// let job = with_request_id("order-17", || Context::current().wrap(request_id));
    /// assert_eq!(std::thread::spawn(job).join().unwrap().as_deref(), Some("order-17"));
    /// ```
    pub fn wrap<T>(self, work: impl FnOnce() -> T) -> impl FnOnce() -> T {
        move || self.run(work)
    }

    /// The same for work that is done many times, also at once, as rayon's iterators do it: each step of theirs that is to be part of
    /// the request is wrapped, `items.par_iter().map(context.wrap_each(work))`.
    ///
    /// ```
    /// use tachograph::{Context, request_id, with_request_id};
    /// let name = with_request_id("order-17", || Context::current().wrap_each(|item| (item, request_id())));
    /// let named: Vec<_> = std::thread::scope(|scope| {
    ///     let threads: Vec<_> = (0..3).map(|item| scope.spawn({ let name = &name; move || name(item) })).collect();
    ///     threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    /// });
    /// assert_eq!(named[2], (2, Some("order-17".to_owned())));
    /// ```
    pub fn wrap_each<A, T>(self, work: impl Fn(A) -> T) -> impl Fn(A) -> T {
        move |argument| self.clone().run(|| work(argument))
    }
}

/// `work`, to be done in the context of the code that calls this function; see [`Context::wrap`]. With rayon,
/// `pool.install(in_context(work))` or `scope.spawn(move |_| job())`, where `job` is `in_context(work)`.
///
/// ```
/// use tachograph::{in_context, request_id, with_request_id};
/// let (sender, jobs) = std::sync::mpsc::channel::<Box<dyn FnOnce() + Send>>();
/// let pool = std::thread::spawn(move || jobs.into_iter().for_each(|job| job()));
/// with_request_id("order-17", || {
///     sender.send(Box::new(in_context(|| assert_eq!(request_id().as_deref(), Some("order-17")))))
/// }).unwrap();
/// drop(sender);
/// pool.join().unwrap();
/// ```
pub fn in_context<T>(work: impl FnOnce() -> T) -> impl FnOnce() -> T {
    Context::current().wrap(work)
}

/// As [`std::thread::spawn`], in the context of the code that calls it.
///
/// ```
/// use tachograph::{request_id, spawn_thread, with_request_id};
/// let thread = with_request_id("order-17", || spawn_thread(request_id));
/// assert_eq!(thread.join().unwrap().as_deref(), Some("order-17"));
/// ```
///
/// # Panics
/// Where the system has no thread more, as `std::thread::spawn` does.
#[track_caller]
pub fn spawn_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> thread::JoinHandle<T> {
    thread::spawn(in_context(work))
}

/// As [`tokio::spawn`], in the context of the code that calls it: the task is part of the request that started it.
///
/// ```
/// use tachograph::{request_id, spawn, with_request_id};
/// # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
/// # runtime.block_on(async {
/// let task = with_request_id("order-17", || spawn(async { request_id() }));
/// assert_eq!(task.await.unwrap().as_deref(), Some("order-17"));
/// # });
/// ```
///
/// # Panics
/// Outside of a tokio runtime, as `tokio::spawn` does.
#[cfg(feature = "tokio")]
#[track_caller]
pub fn spawn<F>(task: F) -> tokio::task::JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    tokio::spawn(Context::current().scope(task))
}

/// As [`tokio::task::spawn_blocking`], in the context of the code that calls it.
///
/// ```
/// use tachograph::{request_id, spawn_blocking, with_request_id};
/// # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
/// # runtime.block_on(async {
/// let task = with_request_id("order-17", || spawn_blocking(request_id));
/// assert_eq!(task.await.unwrap().as_deref(), Some("order-17"));
/// # });
/// ```
///
/// # Panics
/// Outside of a tokio runtime, as `tokio::task::spawn_blocking` does.
#[cfg(feature = "tokio")]
#[track_caller]
pub fn spawn_blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> tokio::task::JoinHandle<T> {
    tokio::task::spawn_blocking(in_context(work))
}
