//! Takes jobs from the queue and sees them through, a few at a time.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Client;
use tachograph::{request_scoped, timed};
use tokio::task::{self, JoinError, JoinSet};
use tracing::{error, info};

use crate::catalog::Catalog;
use crate::download::download;
use crate::error::{Error, with_causes};
use crate::file::State;
use crate::inspect::inspect;
use crate::queue::{Job, Jobs};
use crate::store::Store;

/// How long one download may take.
const DOWNLOAD_LIMIT: Duration = Duration::from_secs(2);

/// What the jobs share.
struct Tools {
    client: Client,
    store: Store,
    catalog: Arc<Catalog>,
}

/// Runs the jobs, each in a task of its own.
pub(crate) struct Workers {
    tools: Arc<Tools>,
    running: JoinSet<()>,
    files: HashMap<task::Id, i64>,
}

impl Workers {
    pub(crate) fn new(store: Store, catalog: Arc<Catalog>) -> Result<Self, Error> {
        let client = Client::builder().connect_timeout(DOWNLOAD_LIMIT).build().map_err(Error::Client)?;
        let tools = Arc::new(Tools { client, store, catalog });
        Ok(Self { tools, running: JoinSet::new(), files: HashMap::new() })
    }

    /// Works until the queue is closed and its last job is done. Dropped before, it cancels what runs.
    pub(crate) async fn run(mut self, mut jobs: Jobs, at_a_time: usize) {
        loop {
            tokio::select! {
                Some(ended) = self.running.join_next_with_id() => self.reap(ended).await,
                job = jobs.next(), if self.running.len() < at_a_time => match job {
                    Some(job) => self.start(job),
                    None => break,
                },
            }
        }
        while let Some(ended) = self.running.join_next_with_id().await {
            self.reap(ended).await;
        }
    }

    fn start(&mut self, job: Job) {
        let (file, tools) = (job.file, Arc::clone(&self.tools));
        let handle = self.running.spawn(async move {
            // Each failure is in the catalog and, through `err`, in the log: nobody is left to tell.
            let _ = work(&tools, job).await;
        });
        self.files.insert(handle.id(), file);
    }

    /// A job that panicked ends its own task and no other. Its file must not stay unfinished for ever.
    async fn reap(&mut self, ended: Result<(task::Id, ()), JoinError>) {
        let id = ended.as_ref().map_or_else(JoinError::id, |(id, ())| *id);
        let file = self.files.remove(&id);
        if let (Some(file), Err(_panic)) = (file, ended) {
            // The message is in the log, with the request. It is not for those outside.
            let failed = State::Failed { error: "the worker panicked".to_owned() };
            if let Err(error) = self.tools.catalog.finish(file, &failed).await {
                error!(file, "{}", with_causes(&error));
            }
        }
    }
}

/// Sees a job through, as part of the request that ordered it.
#[request_scoped(id = &job.request_id)]
#[timed(component = "worker", slow = "1s", fields(file = job.file, url = job.url), err)]
async fn work(tools: &Tools, job: Job) -> Result<(), Error> {
    tools.catalog.start(job.file).await?;
    let mirrored = mirror(tools, &job).await;
    let state = match &mirrored {
        Ok(state) => state.clone(),
        Err(error) => State::Failed { error: with_causes(error) },
    };
    tools.catalog.finish(job.file, &state).await?;
    mirrored.map(|_| info!(file = job.file, url = job.url, "mirrored"))
}

async fn mirror(tools: &Tools, job: &Job) -> Result<State, Error> {
    let download = download(&tools.client, &tools.store, job);
    // A download that takes too long is dropped where it is, and counted as cancelled.
    let stored = tokio::time::timeout(DOWNLOAD_LIMIT, download).await;
    let stored = stored.map_err(|_elapsed| Error::TooSlow { limit: DOWNLOAD_LIMIT })??;
    let kind = inspect(&stored.head);
    Ok(State::Done { size: stored.size, sha256: stored.digest, kind })
}
