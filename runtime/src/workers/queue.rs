//! A queue by its name.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::job::Job;
use super::pulse;
use super::series::NotRun;
use super::state::{MAX_NAMES, OVERFLOW, State};
use super::worker::Worker;
use crate::measurement::{REGISTRY, Refresh, refresh_at_scrapes};

/// A queue, of whatever kind: what is measured of its jobs and of its workers.
///
/// Queues of one name are one queue. For channels of tokio and workers of apalis there is more to be had: see the
/// [module](super). For any other queue this is all that is needed:
/// ```
/// use tachograph::workers::Queue;
/// # use tachograph::Context;
/// # struct Message { url: String, context: Context, delivery: u32 }
/// # async fn receive() -> Option<Message> { None }
/// # async fn download(url: &str) -> Result<u64, std::io::Error> { Ok(url.len() as u64) }
///
/// # async fn work() {
/// let downloads = Queue::new("downloads").with_tasks(["download_file"]);
/// let worker = downloads.worker();
/// worker
///     .watch(async {
///         while let Some(message) = receive().await {
///             let job = downloads.job("download_file").context(message.context).attempt(message.delivery);
///             let _ = job.run(download(&message.url)).await;
///         }
///     })
///     .await;
/// # }
/// ```
#[derive(Clone, Copy)]
pub struct Queue(&'static Named);

struct Named {
    name: &'static str,
    state: Mutex<State>,
}

static QUEUES: Mutex<BTreeMap<&'static str, Queue>> = Mutex::new(BTreeMap::new());

impl Queue {
    /// The queue of that name. All of its series are on the page from now on; of the 1,001st name on, those of `__overflow__`.
    pub fn new(name: &str) -> Self {
        let mut queues = QUEUES.lock().unwrap_or_else(PoisonError::into_inner);
        let name = if queues.len() < MAX_NAMES || queues.contains_key(name) {
            name
        } else {
            REGISTRY.refuse();
            OVERFLOW
        };
        let queue = queues.get(name).copied().unwrap_or_else(|| {
            let name: &'static str = Box::leak(name.into());
            let queue = Self(Box::leak(Box::new(Named { name, state: Mutex::new(State::of(name)) })));
            queues.insert(name, queue);
            // For ever, as the queue is.
            let refreshed = Arc::new(queue);
            refresh_at_scrapes(&refreshed);
            std::mem::forget(refreshed);
            queue
        });
        queue.with(|_| ());
        queue
    }

    /// With the series of these tasks on the page from now on. A task that is not named here is there with its first job.
    #[must_use]
    pub fn with_tasks<'a>(self, tasks: impl IntoIterator<Item = &'a str>) -> Self {
        for task in tasks {
            self.with(|state| state.know(task));
        }
        self
    }

    /// Its name.
    pub const fn name(&self) -> &'static str {
        self.0.name
    }

    /// A job of the queue, to be run: what it does, as one of a few names.
    pub fn job(&self, task: &str) -> Job {
        Job::new(*self, self.with(|state| state.know(task)))
    }

    /// A worker of the queue. It counts as active until it drops.
    pub fn worker(&self) -> Worker {
        Worker::new(*self)
    }

    /// Says how many jobs wait, where somebody else knows: a database, a broker.
    pub fn set_depth(&self, depth: u64) {
        self.with(|state| state.set_depth(depth));
    }

    /// Asks every five seconds how many jobs wait, for ever: to be spawned beside the worker. Where it cannot be told, `depth` gives none,
    /// and what was known last stays.
    ///
    /// ```
    /// # async fn waiting() -> Option<u64> { Some(3) }
    /// # fn spawn(future: impl Future + Send + 'static) { drop(future) }
    /// let downloads = tachograph::workers::Queue::new("downloads");
    /// spawn(downloads.watch_depth(waiting));
    /// ```
    pub async fn watch_depth<F>(self, mut depth: impl FnMut() -> F)
    where
        F: Future<Output = Option<u64>>,
    {
        loop {
            if let Some(depth) = depth().await {
                self.set_depth(depth);
            }
            pulse::next().await;
        }
    }

    /// Counts a job that no worker began and none will.
    pub fn not_run(&self, why: NotRun) {
        self.with(|state| state.series().not_run(why));
    }

    /// What is read or changed under the lock of the queue, for no longer than it takes to count.
    pub(super) fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.follow_recorder();
        act(&mut state)
    }
}

impl Refresh for Queue {
    /// A queue that is older than the recorder, and that nothing has happened to since, is on the page as well.
    fn refresh(&self) {
        self.with(|_| ());
    }
}

impl fmt::Debug for Queue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Queue").field(&self.0.name).finish()
    }
}

#[cfg(test)]
mod tests {
    use metrics::{
        Counter, Gauge, GaugeFn, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit,
        with_local_recorder,
    };

    use super::*;

    /// Knows what each gauge was set to.
    #[derive(Clone, Default)]
    struct Gauges(Arc<Mutex<BTreeMap<String, f64>>>);

    struct Set(Gauges, String);

    impl GaugeFn for Set {
        fn increment(&self, _: f64) {}
        fn decrement(&self, _: f64) {}
        fn set(&self, value: f64) {
            self.0.0.lock().unwrap().insert(self.1.clone(), value);
        }
    }

    impl Recorder for Gauges {
        fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
        fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
        fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
        fn register_counter(&self, _: &Key, _: &Metadata<'_>) -> Counter {
            Counter::noop()
        }
        fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
            Gauge::from_arc(Arc::new(Set(self.clone(), key.name().to_owned())))
        }
        fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
            Histogram::noop()
        }
    }

    #[test]
    fn a_recorder_that_comes_later_is_told_how_things_are() {
        let queue = Queue::new("older");
        let (worker, running) = (queue.worker(), queue.job("run").run(std::future::pending::<()>()));
        queue.set_depth(3);
        let gauges = Gauges::default();
        let told = |name: &str| gauges.0.lock().unwrap().get(name).copied();
        with_local_recorder(&gauges, || {
            queue.refresh();
            assert_eq!((told("worker_queue_depth"), told("worker_active")), (Some(3.0), Some(1.0)));
            assert!(told("worker_heartbeat_timestamp_seconds") > Some(0.0));
            assert_eq!(told("worker_busy"), Some(1.0));
            drop((worker, running));
            assert_eq!((told("worker_busy"), told("worker_active")), (Some(0.0), Some(0.0)));
        });
    }
}
