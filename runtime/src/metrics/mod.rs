//! How long calls took and how they ended, from the call to the metrics page.
//!
//! ```text
//! call ─► record ─► cells of the calling thread ─► snapshot ─┬─► FunctionStats
//!                   (bounds choose the bucket)               └─► exposition ─► page ─► exporter
//!                                                             (text, protobuf)
//! ```
//!
//! Everything up to [`FunctionStats`] is always there and needs nothing but `std`, for a library that only annotates.

mod atomic;
mod leaked;
#[cfg_attr(
    not(any(feature = "telemetry", test)),
    expect(dead_code, reason = "the page alone tells the kinds of buckets apart")
)]
mod layout;
mod bounds;
mod recent;
mod block;
mod cells;
mod registry;
mod function;
mod snapshot;
#[cfg(feature = "telemetry")]
mod histogram;
#[cfg(feature = "telemetry")]
mod names;
#[cfg(feature = "telemetry")]
mod cardinality;
#[cfg(feature = "telemetry")]
mod recorder;
#[cfg(feature = "telemetry")]
mod label_text;
#[cfg(feature = "telemetry")]
mod number;
#[cfg(feature = "telemetry")]
mod padded;
#[cfg(feature = "telemetry")]
mod buckets;
#[cfg(feature = "telemetry")]
mod exposition;
#[cfg(feature = "telemetry")]
mod text;
#[cfg(feature = "telemetry")]
mod protobuf;
#[cfg(feature = "telemetry")]
mod exemplars;
#[cfg(feature = "telemetry")]
mod sum;
#[cfg(feature = "telemetry")]
mod service_levels;
#[cfg(feature = "telemetry")]
mod functions;
#[cfg(feature = "telemetry")]
mod process;
#[cfg(feature = "facade")]
#[allow(dead_code, reason = "not every integration has gauges")]
mod refreshed;
#[cfg(feature = "telemetry")]
mod page;
#[cfg(feature = "telemetry")]
mod negotiation;
#[cfg(feature = "telemetry")]
mod renders;
#[cfg(feature = "telemetry")]
mod token;
#[cfg(feature = "telemetry")]
mod listener;
#[cfg(feature = "telemetry")]
mod exporter;

pub(crate) use self::bounds::Bounds;
#[cfg(feature = "telemetry")]
pub(crate) use self::exemplars::exemplify;
#[cfg(feature = "telemetry")]
pub(crate) use self::exporter::{Exporter, Listener};
#[cfg(feature = "telemetry")]
pub(crate) use self::exposition::{Exposition, Source};
pub(crate) use self::function::{Meanwhile, begin, forget, record, record_untimed, record_usual};
#[cfg(feature = "telemetry")]
pub(crate) use self::histogram::largest_bound;
pub(crate) use self::leaked::Leaked;
#[cfg(feature = "telemetry")]
pub(crate) use self::listener::Address;
#[cfg(feature = "telemetry")]
pub(crate) use self::page::Page;
#[cfg(all(test, feature = "telemetry", feature = "downloads"))]
pub(crate) use self::recorder::page_after;
#[cfg(any(feature = "sqlx", feature = "workers"))]
pub(crate) use self::refreshed::{Refresh, refresh_at_scrapes};
pub(crate) use self::registry::REGISTRY;
pub use self::snapshot::{FunctionStats, functions};
#[cfg(feature = "telemetry")]
pub(crate) use self::token::Token;
