//! Jobs of this process, from the channel.

use std::collections::HashMap;
use std::sync::Arc;

use tachograph::workers::{Received, Receiver};
use tokio::task::{self, JoinError, JoinSet};
use tracing::error;

use super::Tools;
use crate::error::with_causes;
use crate::file::State;
use crate::queue::{Job, TASK};

/// Runs the jobs, each in a task of its own.
struct Workers {
    tools: Arc<Tools>,
    running: JoinSet<()>,
    files: HashMap<task::Id, i64>,
}

/// Works until the queue is closed and its last job is done. Dropped before, it cancels what runs.
pub(crate) async fn work_on_channel(tools: Tools, mut jobs: Receiver<Job>, at_a_time: usize) {
    let mut workers = Workers { tools: Arc::new(tools), running: JoinSet::new(), files: HashMap::new() };
    loop {
        tokio::select! {
            Some(ended) = workers.running.join_next_with_id() => workers.reap(ended).await,
            job = jobs.recv(), if workers.running.len() < at_a_time => match job {
                Some(job) => workers.start(job),
                None => break,
            },
        }
    }
    while let Some(ended) = workers.running.join_next_with_id().await {
        workers.reap(ended).await;
    }
}

impl Workers {
    fn start(&mut self, job: Received<Job>) {
        let (file, tools) = (job.payload().file, Arc::clone(&self.tools));
        // In the request of whoever sent it. Each failure is in the catalog and, through `err`, in the log: nobody is left to tell.
        let run = job.run(TASK, |job| async move {
            tools.catalog.start(job.file).await?;
            tools.work(&job).await
        });
        let handle = self.running.spawn(async move { drop(run.await) });
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
