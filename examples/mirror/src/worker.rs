//! Takes jobs from the queue and sees them through, a few at a time.

mod channel;
mod table;

use std::sync::Arc;
use std::time::Duration;

use reqwest::Client;
use tachograph::downloads::Downloads;
use tachograph::timed;
use tracing::info;

pub(crate) use self::channel::work_on_channel;
pub(crate) use self::table::work_on_table;
use crate::catalog::Catalog;
use crate::download::download;
use crate::error::{Error, with_causes};
use crate::file::State;
use crate::inspect::inspect;
use crate::queue::Job;
use crate::store::Store;

/// How long one download may take.
const DOWNLOAD_LIMIT: Duration = Duration::from_secs(2);

/// What the jobs share.
pub(crate) struct Tools {
    client: Client,
    downloads: Downloads,
    store: Store,
    catalog: Arc<Catalog>,
}

impl Tools {
    pub(crate) fn new(store: Store, catalog: Arc<Catalog>) -> Result<Self, Error> {
        let client = Client::builder().connect_timeout(DOWNLOAD_LIMIT).build().map_err(Error::Client)?;
        Ok(Self { client, downloads: Downloads::new("files"), store, catalog })
    }

    /// Sees a job through, as part of the request that ordered it.
    #[timed(name = "work", component = "worker", slow = "1s", fields(file = job.file, url = job.url), err)]
    async fn work(&self, job: &Job) -> Result<(), Error> {
        let mirrored = self.mirror(job).await;
        let state = match &mirrored {
            Ok(state) => state.clone(),
            Err(error) => State::Failed { error: with_causes(error) },
        };
        self.catalog.finish(job.file, &state).await?;
        mirrored.map(|_| info!(file = job.file, url = job.url, "mirrored"))
    }

    async fn mirror(&self, job: &Job) -> Result<State, Error> {
        let download = download(&self.client, &self.downloads, &self.store, job);
        // A download that takes too long is dropped where it is, and counted as cancelled.
        let stored = tokio::time::timeout(DOWNLOAD_LIMIT, download).await;
        let stored = stored.map_err(|_elapsed| Error::TooSlow { limit: DOWNLOAD_LIMIT })??;
        let kind = inspect(&stored.head);
        Ok(State::Done { size: stored.size, sha256: stored.digest, kind })
    }
}
