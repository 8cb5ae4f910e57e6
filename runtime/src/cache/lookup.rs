//! The lookup of a value that is loaded where it is missing.

use std::sync::atomic::{AtomicBool, Ordering};

use super::operation::{Operation, UnderWay};
use super::series::Series;

/// A lookup under way, of a value that is loaded where it is missing.
///
/// One that loads is a miss. One that does not is a hit, also where it waited for what another one had begun to load.
///
/// ```
/// use tachograph::cache::Cache;
/// # struct Texts(std::cell::OnceCell<String>);
/// # impl Texts {
/// #     async fn get_or_insert_async(&self, _: &str, load: impl Future<Output = String>) -> String {
/// #         if self.0.get().is_none() { let _ = self.0.set(load.await); }
/// #         self.0.get().cloned().unwrap_or_default()
/// #     }
/// # }
/// # async fn read(path: &str) -> String { path.to_owned() }
/// # async fn text(texts: Texts, metrics: Cache) -> String {
///
/// // `texts` is the cache, and `metrics` its `Cache`.
/// let lookup = metrics.lookup();
/// let text = texts.get_or_insert_async("a.txt", lookup.load_async(read("a.txt"))).await;
/// lookup.end();
/// # text
/// # }
/// ```
///
/// One that is dropped before its end counts nothing, but what it had loaded.
#[derive(Debug)]
#[must_use = "a lookup is counted when it ends"]
pub struct Lookup {
    under_way: UnderWay,
    loaded: AtomicBool,
}

impl Lookup {
    pub(super) fn begin(series: &'static Series) -> Self {
        Self { under_way: UnderWay::begin(series, Operation::Get), loaded: AtomicBool::new(false) }
    }

    /// Makes the value that was missing. How long that takes is an operation of its own, `load`.
    pub fn load<T>(&self, load: impl FnOnce() -> T) -> T {
        let under_way = self.begin_load();
        let value = load();
        under_way.end();
        value
    }

    /// [`load`](Self::load) asynchronously. What is not polled has not loaded anything.
    pub async fn load_async<T>(&self, load: impl Future<Output = T>) -> T {
        let under_way = self.begin_load();
        let value = load.await;
        under_way.end();
        value
    }

    /// The cache has answered.
    pub fn end(self) {
        let is_hit = !self.loaded.into_inner();
        self.under_way.series().handles().requests.count(is_hit);
        self.under_way.end();
    }

    fn begin_load(&self) -> UnderWay {
        self.loaded.store(true, Ordering::Relaxed);
        UnderWay::begin(self.under_way.series(), Operation::Load)
    }
}
