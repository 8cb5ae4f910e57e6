//! A cache in the process, whichever crate it is of.

use super::lookup::Lookup;
use super::operation::{Operation, UnderWay};
use super::series::{Eviction, Series};

/// The metrics of a cache in the process: what is done with the cache is handed through, and measured.
///
/// ```
/// # use std::sync::{Arc, Mutex};
/// # use std::collections::HashMap;
/// use tachograph::cache::Cache;
///
/// struct Files {
///     // Any cache, of any crate.
///     files: Mutex<HashMap<u64, Arc<str>>>,
///     metrics: Cache,
/// }
///
/// impl Files {
///     fn new() -> Self {
///         Self { files: Mutex::default(), metrics: Cache::new("files") }
///     }
///
///     fn get(&self, id: u64) -> Option<Arc<str>> {
///         self.metrics.get(|| self.files.lock().unwrap().get(&id).cloned())
///     }
///
///     fn put(&self, id: u64, file: Arc<str>) {
///         self.metrics.insert(|| self.files.lock().unwrap().insert(id, file));
///     }
/// }
///
/// let files = Files::new();
/// assert_eq!(files.get(17), None);
/// files.put(17, "text".into());
/// assert_eq!(files.get(17).as_deref(), Some("text"));
/// ```
///
/// It is a name and no more: it can be copied, and made again from its name wherever it is needed. What panics, and what is
/// dropped before it is ready, is not counted.
#[derive(Clone, Copy, Debug)]
pub struct Cache(&'static Series);

impl Cache {
    /// A cache by a name of the program's own, which becomes the label `cache`. Its metrics are on the page from now on, at 0.
    ///
    /// Before `init` there is no page. Those of a cache that is made earlier are on it from their first use on.
    pub fn new(name: &'static str) -> Self {
        let series = Series::named(name);
        series.handles();
        Self(series)
    }

    /// Looks a value up: `Some` is a hit, `None` a miss.
    pub fn get<T>(&self, get: impl FnOnce() -> Option<T>) -> Option<T> {
        self.found(self.measure(Operation::Get, get))
    }

    /// [`get`](Self::get) from a cache that is asynchronous.
    pub async fn get_async<T>(&self, get: impl Future<Output = Option<T>>) -> Option<T> {
        self.found(self.measure_async(Operation::Get, get).await)
    }

    /// Looks up a value that is loaded where it is missing.
    pub fn lookup(&self) -> Lookup {
        Lookup::begin(self.0)
    }

    /// Puts a value in.
    pub fn insert<T>(&self, insert: impl FnOnce() -> T) -> T {
        self.measure(Operation::Insert, insert)
    }

    /// [`insert`](Self::insert) into a cache that is asynchronous.
    pub async fn insert_async<T>(&self, insert: impl Future<Output = T>) -> T {
        self.measure_async(Operation::Insert, insert).await
    }

    /// Takes a value out.
    pub fn remove<T>(&self, remove: impl FnOnce() -> T) -> T {
        self.measure(Operation::Remove, remove)
    }

    /// [`remove`](Self::remove) from a cache that is asynchronous.
    pub async fn remove_async<T>(&self, remove: impl Future<Output = T>) -> T {
        self.measure_async(Operation::Remove, remove).await
    }

    /// Counts a value that the cache gave up. Call it from where the cache tells of such: its listener or its lifecycle.
    pub fn evicted(&self, reason: Eviction) {
        self.0.handles().evicted(reason).increment(1);
    }

    fn measure<T>(&self, operation: Operation, run: impl FnOnce() -> T) -> T {
        let under_way = UnderWay::begin(self.0, operation);
        let output = run();
        under_way.end();
        output
    }

    async fn measure_async<T>(&self, operation: Operation, run: impl Future<Output = T>) -> T {
        let under_way = UnderWay::begin(self.0, operation);
        let output = run.await;
        under_way.end();
        output
    }

    fn found<T>(&self, found: Option<T>) -> Option<T> {
        self.0.handles().requests.count(found.is_some());
        found
    }
}
