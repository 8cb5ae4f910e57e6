//! All files that were ordered: in the database, and the finished ones in the cache too.

use std::path::Path;
use std::sync::Arc;

use tokio::sync::broadcast;
use tracing::warn;

use crate::cache::Cache;
use crate::database::Database;
use crate::error::Error;
use crate::file::{File, State};

pub(crate) struct Catalog {
    database: Database,
    cache: Cache,
    /// The ids of files as they are finished, for those who wait for one.
    finished: broadcast::Sender<i64>,
}

impl Catalog {
    /// Opens the catalog below `data`. What an earlier process left unfinished, it was not able to say itself.
    pub(crate) async fn open(data: &Path) -> Result<Self, Error> {
        let database = Database::open(data).await?;
        let catalog = Self { database, cache: Cache::new(1000), finished: broadcast::Sender::new(256) };
        catalog.interrupt().await?;
        Ok(catalog)
    }

    pub(crate) async fn add(&self, url: &str, request_id: Option<&str>) -> Result<File, Error> {
        self.database.insert(url, request_id).await
    }

    pub(crate) async fn start(&self, id: i64) -> Result<(), Error> {
        self.database.update(id, &State::Running).await?;
        Ok(())
    }

    /// Writes down how a file ended, and tells those who wait for it.
    pub(crate) async fn finish(&self, id: i64, state: &State) -> Result<(), Error> {
        let file = self.database.update(id, state).await?;
        self.cache.put(Arc::new(file));
        // Nobody may be waiting.
        let _ = self.finished.send(id);
        Ok(())
    }

    /// Finds a file: first in the cache, then in the database.
    pub(crate) async fn find(&self, id: i64) -> Result<Arc<File>, Error> {
        if let Some(file) = self.cache.get(id) {
            return Ok(file);
        }
        let file = Arc::new(self.database.find(id).await?);
        // Unfinished files change: a cached one would be wrong soon.
        if file.state.is_final() {
            self.cache.put(Arc::clone(&file));
        }
        Ok(file)
    }

    /// Waits until a file is finished, however long that takes.
    pub(crate) async fn finished(&self, id: i64) -> Result<(), Error> {
        // Listening begins before looking: what is finished in between is not missed.
        let mut finished = self.finished.subscribe();
        while !self.find(id).await?.state.is_final() {
            // Others may finish before. Who was told of too many at once, and missed some, looks again.
            while let Ok(other) = finished.recv().await
                && other != id
            {}
        }
        Ok(())
    }

    pub(crate) async fn newest(&self, limit: u32) -> Result<Vec<File>, Error> {
        self.database.newest(limit).await
    }

    /// Writes down what will not be finished any more, and closes the database.
    pub(crate) async fn close(&self) -> Result<(), Error> {
        self.interrupt().await?;
        self.database.close().await;
        Ok(())
    }

    async fn interrupt(&self) -> Result<(), Error> {
        let files = self.database.interrupt_unfinished().await?;
        if files > 0 {
            warn!(files, "files were left unfinished");
        }
        Ok(())
    }
}
