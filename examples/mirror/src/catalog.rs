//! All files that were ordered: in the database, and the finished ones in the cache too.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::broadcast;
use tracing::warn;

use crate::cache::Cache;
use crate::database::Database;
use crate::digest::Digest;
use crate::error::Error;
use crate::file::{File, State};
use crate::options::Options;
use crate::queue::Job;

pub(crate) struct Catalog {
    database: Database,
    cache: Cache,
    /// The ids of files as this process finishes them, for those who wait for one.
    finished: broadcast::Sender<i64>,
}

/// How often to look whether another process has finished a file.
const LOOK: Duration = Duration::from_millis(200);

impl Catalog {
    /// Opens the catalog in the database and the cache that are named, which need not be there yet.
    pub(crate) fn open(options: &Options) -> Result<Self, Error> {
        let database = Database::open(options.database_url.as_deref(), &options.data)?;
        let cache = Cache::open(options.redis_url.as_deref())?;
        Ok(Self { database, cache, finished: broadcast::Sender::new(256) })
    }

    pub(crate) async fn add(&self, url: &str, sha256: Option<Digest>) -> Result<File, Error> {
        let promised = sha256.map(|digest| digest.to_string());
        self.database.insert(url, promised.as_deref()).await
    }

    /// The next file of the table to be worked on.
    pub(crate) async fn claim(&self, lease: Duration) -> Result<Option<Job>, Error> {
        self.database.claim(lease).await
    }

    /// How many files of the table wait for that.
    pub(crate) async fn queued(&self) -> Result<u64, Error> {
        self.database.queued().await
    }

    pub(crate) async fn start(&self, id: i64) -> Result<(), Error> {
        self.database.update(id, &State::Running).await?;
        Ok(())
    }

    /// Writes down how a file ended, and tells those who wait for it.
    pub(crate) async fn finish(&self, id: i64, state: &State) -> Result<(), Error> {
        let file = self.database.update(id, state).await?;
        self.cache.put(Arc::new(file)).await;
        // Nobody may be waiting.
        let _ = self.finished.send(id);
        Ok(())
    }

    /// Finds a file: first in the cache, then in the database.
    pub(crate) async fn find(&self, id: i64) -> Result<Arc<File>, Error> {
        if let Some(file) = self.cache.get(id).await {
            return Ok(file);
        }
        let file = Arc::new(self.database.find(id).await?);
        // Unfinished files change: a cached one would be wrong soon.
        if file.state.is_final() {
            self.cache.put(Arc::clone(&file)).await;
        }
        Ok(file)
    }

    /// Waits until a file is finished, however long that takes.
    pub(crate) async fn finished(&self, id: i64) -> Result<(), Error> {
        // Listening begins before looking: what is finished in between is not missed.
        let mut finished = self.finished.subscribe();
        while !self.find(id).await?.state.is_final() {
            // Others may finish before. Who was told of too many at once, and missed some, looks again; and another process
            // tells nobody here.
            let told = async { while finished.recv().await.is_ok_and(|other| other != id) {} };
            let _ = tokio::time::timeout(LOOK, told).await;
        }
        Ok(())
    }

    pub(crate) async fn newest(&self, limit: i32) -> Result<Vec<File>, Error> {
        self.database.newest(limit).await
    }

    /// Closes the database.
    pub(crate) async fn close(&self) {
        self.database.close().await;
    }

    /// Writes down what will not be finished any more, since its job is gone with the process.
    pub(crate) async fn interrupt(&self) -> Result<(), Error> {
        let files = self.database.interrupt_unfinished().await?;
        if files > 0 {
            warn!(files, "files were left unfinished");
        }
        Ok(())
    }
}
