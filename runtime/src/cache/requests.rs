//! Values that a cache was asked for.

use metrics::Counter;

use crate::names::{CACHE_REQUESTS, CACHE_RESULTS};

/// The counters of those that were there and of those that were not.
pub(super) struct Requests {
    hits: Counter,
    misses: Counter,
}

impl Requests {
    pub(super) fn of(name: &'static str) -> Self {
        let [hits, misses] = CACHE_RESULTS.map(|result| CACHE_REQUESTS.counter([name, result]));
        Self { hits, misses }
    }

    pub(super) fn count(&self, is_hit: bool) {
        let counter = if is_hit { &self.hits } else { &self.misses };
        counter.increment(1);
    }

    /// Counts several that were read at once.
    #[cfg(feature = "redis")]
    pub(super) fn count_all(&self, hits: u64, misses: u64) {
        for (counter, count) in [(&self.hits, hits), (&self.misses, misses)] {
            if count > 0 {
                counter.increment(count);
            }
        }
    }
}
