//! Caches, in the process and in a Redis: how long operations take, what was there, and what was not.
//!
//! [`Cache`] is for a cache in the process, of any crate. `Redis` (feature `redis`) goes around a connection of the
//! crate `redis`. The metrics are listed in [`names`](crate::names); both kinds count `cache_requests_total`, so that one rule tells the
//! share of hits of all of them.
//!
//! # Values that a cache gives up
//! A cache tells of them through its listener or lifecycle, which is where [`Cache::evicted`] belongs. With the crate `quick_cache`:
//!
//! ```
//! use quick_cache::{DefaultHashBuilder, Lifecycle, OptionsBuilder, UnitWeighter};
//! use tachograph::cache::{Cache, Eviction};
//!
//! #[derive(Clone)]
//! struct Evicted(Cache);
//!
//! impl<Key, Value> Lifecycle<Key, Value> for Evicted {
//!     type RequestState = ();
//!
//!     fn on_evict(&self, _: &mut (), _: Key, _: Value) {
//!         self.0.evicted(Eviction::Size);
//!     }
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let metrics = Cache::new("files");
//! let options = OptionsBuilder::new().estimated_items_capacity(100).weight_capacity(100).build()?;
//! let files = quick_cache::sync::Cache::with_options(options, UnitWeighter, DefaultHashBuilder::default(), Evicted(metrics));
//! metrics.insert(|| files.insert("a.txt", "text"));
//! assert_eq!(metrics.get(|| files.get("a.txt")), Some("text"));
//! # Ok(())
//! # }
//! ```
//! With `moka` it is an `eviction_listener`, whose `RemovalCause` has the same four reasons.

mod named;
mod requests;
mod operation;
mod series;
mod lookup;
mod in_process;
#[cfg(feature = "redis")]
mod redis;

pub use self::in_process::Cache;
pub use self::lookup::Lookup;
#[cfg(feature = "redis")]
pub use self::redis::Redis;
pub use self::series::Eviction;
