//! The way from the interface to the workers: within the process a channel, between two the table of files.

use tachograph::{Context, workers};
use tokio::sync::mpsc::error::TrySendError;

use crate::digest::Digest;
use crate::error::Error;

/// What the queue is called in metrics.
pub(crate) const NAME: &str = "files";
/// What is done with each of its jobs.
pub(crate) const TASK: &str = "mirror_file";

/// A file to be mirrored.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) file: i64,
    pub(crate) url: String,
    pub(crate) sha256: Option<Digest>,
    /// How often it was begun, this time included.
    pub(crate) attempt: i32,
    /// The request goes on in the worker: it is part of the job, wherever that is kept meanwhile.
    pub(crate) context: Context,
}

/// The end that takes jobs.
#[derive(Clone)]
pub(crate) enum Queue {
    /// It is bounded: who finds it full is told so at once.
    Channel(workers::Sender<Job>),
    /// A row of the table is a job already.
    Table,
}

/// A place in the queue that nobody else can take.
pub(crate) enum Place<'a> {
    InChannel(workers::Permit<'a, Job>),
    InTable,
}

impl Queue {
    pub(crate) fn reserve(&self) -> Result<Place<'_>, Error> {
        match self {
            Self::Table => Ok(Place::InTable),
            Self::Channel(sender) => match sender.try_reserve() {
                Ok(permit) => Ok(Place::InChannel(permit)),
                Err(TrySendError::Full(())) => Err(Error::QueueFull),
                Err(TrySendError::Closed(())) => Err(Error::Stopping),
            },
        }
    }
}

impl Place<'_> {
    pub(crate) fn send(self, job: Job) {
        match self {
            Self::InChannel(permit) => permit.send(job),
            Self::InTable => {}
        }
    }
}
