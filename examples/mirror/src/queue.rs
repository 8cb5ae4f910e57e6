//! The way from the interface to the workers. It is bounded: who finds it full is told so at once.

use tachograph::metrics::{describe_gauge, gauge};
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use crate::digest::Digest;
use crate::error::Error;

/// A file to be mirrored.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) file: i64,
    pub(crate) url: String,
    pub(crate) sha256: Option<Digest>,
    /// The request goes on in the worker: its id travels in the message, as it would through any broker.
    pub(crate) request_id: Option<String>,
}

/// The end that takes jobs.
#[derive(Clone)]
pub(crate) struct Queue(mpsc::Sender<Job>);

/// The end that gives them.
pub(crate) struct Jobs(mpsc::Receiver<Job>);

/// A place in the queue that nobody else can take.
pub(crate) struct Place<'a>(mpsc::Permit<'a, Job>);

pub(crate) fn bounded(places: usize) -> (Queue, Jobs) {
    let (sender, receiver) = mpsc::channel(places);
    describe_gauge!("mirror_queue_depth", "Files that wait for a worker.");
    show_depth(0);
    (Queue(sender), Jobs(receiver))
}

impl Queue {
    pub(crate) fn reserve(&self) -> Result<Place<'_>, Error> {
        match self.0.try_reserve() {
            Ok(permit) => Ok(Place(permit)),
            Err(TrySendError::Full(())) => Err(Error::QueueFull),
            Err(TrySendError::Closed(())) => Err(Error::Stopping),
        }
    }
}

impl Place<'_> {
    pub(crate) fn send(self, job: Job) {
        self.0.send(job);
    }
}

impl Jobs {
    /// The next job; none when no handle of the queue is left.
    pub(crate) async fn next(&mut self) -> Option<Job> {
        let job = self.0.recv().await;
        show_depth(self.0.len());
        job
    }
}

/// A metric of one's own, on the same page as those of the functions.
fn show_depth(jobs: usize) {
    gauge!("mirror_queue_depth").set(jobs as f64);
}
