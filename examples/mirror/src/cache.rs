//! Finished files in memory, the most used ones.

use std::sync::Arc;

use tachograph::timed;

use crate::file::File;

pub(crate) struct Cache {
    files: quick_cache::sync::Cache<i64, Arc<File>>,
}

impl Cache {
    pub(crate) fn new(files: usize) -> Self {
        Self { files: quick_cache::sync::Cache::new(files) }
    }

    #[timed(name = "cache_get", component = "cache")]
    pub(crate) fn get(&self, id: i64) -> Option<Arc<File>> {
        self.files.get(&id)
    }

    #[timed(name = "cache_put", component = "cache")]
    pub(crate) fn put(&self, file: Arc<File>) {
        self.files.insert(file.id, file);
    }
}
