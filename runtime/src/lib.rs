//! Latency histograms, outcomes, performance logs and request ids for annotated functions, made at compile time.
//!
//! Put [`#[timed]`](macro@timed) on a function, and how long it takes and how it ends is on the metrics page; calls
//! that take too long have a line in a log of their own. Put [`#[request_scoped]`](macro@request_scoped) on the
//! function that handles a request, and every record that the request causes carries its id.
//!
//! ```no_run
//! #[tachograph::timed(component = "greeting", slow = "5ms", fields(name))]
//! fn greet(name: &str) -> Result<String, std::fmt::Error> {
//!     Ok(format!("hello {name}"))
//! }
//!
//! #[tachograph::request_scoped]
//! fn handle(name: &str) {
//!     match greet(name) {
//!         Ok(greeting) => tracing::info!(greeting, "greeted"),
//!         Err(error) => tracing::error!(%error, "could not greet"),
//!     }
//! }
//!
//! fn main() -> Result<(), tachograph::Error> {
//!     let _telemetry = tachograph::init("greeter")?;
//!     handle("world");
//!     Ok(())
//! }
//! ```
//!
//! The logs are in `data/logs/`, the metrics on <http://127.0.0.1:9464/metrics> while the program runs: as text, as
//! OpenMetrics with the request ids of slow calls as exemplars, or as protobuf with native histograms, whichever the
//! client prefers. `METRICS_ADDR=unix:/path/to.sock` serves them on a socket, and `METRICS_TOKEN` to those alone who bring
//! that bearer token.
//!
//! # Features
//! Both are on by default. A library that only annotates depends with `default-features = false`; its attributes
//! then do nothing at all until the application that uses it turns them on.
//! - `on`: the attributes measure.
//! - `telemetry`: [`init`], the log files, the exporter, the recorder of the `metrics` facade.
//!
//! These are not:
//! - `tokio`: `spawn` and `spawn_blocking`, which keep the request of their caller.
//! - `serde`: [`RequestId`] and [`Context`] as parts of messages.
//! - `http`: tower layers for requests that come in and for those that go out, with their ids, traces and metrics.
//! - `axum`: routes as axum matched them. It includes `http`.
//! - `reqwest`: the same for requests of reqwest as for those of a tower client. It includes `http`.
//! - `workers`: jobs of queues and who works on them, in the request that caused them; with `tokio` also a channel of tokio.
//! - `apalis`: the same for workers of apalis. It includes `workers`.
//! - `cache`: hits, misses, evictions and durations of a cache in the process, whichever crate it is of.
//! - `redis`: the same of a Redis, around connections of the crate of that name. It includes `cache`.
//! - `sqlx`: databases of sqlx, with the metrics of their operations and of the pool.

mod field;
mod sensitive;
mod start;
mod slo;
mod call_site;
mod labels;
mod clock;
mod request_id;
#[cfg(any(feature = "http", feature = "serde", feature = "workers"))]
mod trace_context;
mod context;
mod tasks;
#[cfg(feature = "serde")]
mod message;
mod outcome;
mod reentry;
mod failure;
mod call;
mod observer;
pub mod names;
// Not `metrics`: that name is the facade's, for users.
#[path = "metrics/mod.rs"]
mod measurement;
#[cfg(any(feature = "http", feature = "downloads"))]
mod causes;
#[cfg(feature = "http")]
pub mod http;
#[cfg(feature = "downloads")]
pub mod downloads;
#[cfg(feature = "workers")]
pub mod workers;
#[cfg(feature = "cache")]
pub mod cache;
#[cfg(feature = "sqlx")]
pub mod database;
#[cfg(feature = "telemetry")]
mod logs;
#[cfg(feature = "telemetry")]
mod error;
#[cfg(feature = "telemetry")]
mod level;
#[cfg(feature = "telemetry")]
mod settings;
#[cfg(feature = "telemetry")]
mod telemetry;
#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
#[cfg(doc)]
#[doc = include_str!("expansion.md")]
pub mod expansion {}

/// The facade for counters, gauges and histograms of one's own; they stand on the same page.
#[cfg(feature = "telemetry")]
pub use ::metrics;

pub use crate::call_site::{CallSite, call_sites};
pub use crate::context::{Context, Entered, Scoped, request_id, with_request_id};
#[cfg(feature = "telemetry")]
pub use crate::error::Error;
pub use crate::field::{Fields, ToValue, Value};
#[cfg(feature = "telemetry")]
pub use crate::level::LevelHandle;
#[cfg(feature = "telemetry")]
pub use crate::logs::{Console, Durability, LogFormat, LogRotation, Overflow, Unwritten};
pub use crate::measurement::{FunctionStats, functions};
pub use crate::observer::log_performance;
pub use crate::outcome::Outcome;
pub use crate::request_id::{MAX_REQUEST_ID_LENGTH, RequestId, ToRequestId};
pub use crate::sensitive::Sensitive;
pub use crate::slo::ServiceLevel;
pub use crate::tasks::{in_context, spawn_thread};
#[cfg(feature = "tokio")]
pub use crate::tasks::{spawn, spawn_blocking};
#[cfg(feature = "telemetry")]
pub use crate::telemetry::{Builder, Telemetry, builder, init};
#[cfg(any(feature = "http", feature = "serde", feature = "workers"))]
pub use crate::trace_context::TraceContext;

/// Measures every call of a function: how long it took, how it ended, and a performance record where it was slow.
///
/// It goes on a function or method; on an `impl` block, a trait or an inline module it goes to each function in it that
/// has a body and is no `const fn`, but those with `#[timed(skip)]`.
///
/// ```
/// use tachograph::timed;
///
/// #[timed(name = "fetch", component = "download", slow = "250ms", fields(url, attempt = attempt + 1), err)]
/// async fn fetch_file(url: &str, attempt: u32) -> Result<Vec<u8>, std::io::Error> {
///     // …
/// #   let _ = attempt;
///     Err(std::io::Error::other(url))
/// }
/// ```
///
/// | argument | meaning |
/// |---|---|
/// | `name = "fetch"` | the operation, and the label `function`; default: the function's name |
/// | `component = "download"` | the label `component`, for dashboards and alert routing; default: `"application"` |
/// | `slow = "250ms"` | calls of at least this length write a performance record; default: `PERFORMANCE_LOG_THRESHOLD`; `"0"` always, `"never"` |
/// | `fields(user_id, %url, ?mode, size = body.len())` | captured when the body begins, for the performance record only |
/// | `err`, `err(level = "warn")` | an `Err` also writes a log event with its message and its causes |
/// | `classify = path` | a `fn(&T) -> Outcome` that decides, where `Result` is not the judge |
/// | `labels(kind = expression)` | run-time labels; the values are `Display`ed when the function is called |
/// | `max_series = 100` | how many different sets of label values are kept apart; further ones fold into `__overflow__`, and `tachograph_series_dropped_total` counts them |
/// | `buckets = ["5ms", "50ms", "1s"]` | exact upper bounds of this function's histogram, instead of 50 µs to 30 s |
/// | `in_flight` | the gauge `function_in_flight` of calls under way |
/// | `sample = 64` | counts every call and its outcome, times one in 64 |
/// | `slo(latency = "250ms", objective = 99.9)` | a service level, see below; `slo(name = "checkout", …)` names it, default: the label `function` |
/// | `skip` | leaves a function out of an annotated `impl`, trait or module |
/// | `crate = path` | where this crate is, for crates that re-export it |
///
/// A field of the type [`Sensitive`] is written as `[redacted]`, whatever stands before it.
///
/// Methods of an annotated `impl` or trait are named `Type::method`. What such a block says (`component`, `slow`,
/// `buckets`, `in_flight`, `sample`, `err`, `crate`) holds for all of its functions that do not say otherwise.
///
/// # Service levels
/// `slo(…)` says how many percent of the calls are to end well and, with `latency`, within which time. The page has the events so
/// far, both results at 0 before the first call, and what was promised:
///
/// ```
/// use tachograph::{functions, timed};
///
/// #[timed(component = "shop", slo(name = "checkout", latency = "250ms", objective = 99.9))]
/// fn check_out(items: u32) -> Result<u32, String> {
///     items.checked_sub(1).ok_or_else(|| "the cart is empty".to_owned())
/// }
///
/// check_out(3).unwrap();
/// check_out(0).unwrap_err();
/// let stats = functions().into_iter().find(|stats| stats.function() == "check_out").unwrap();
/// let slo = stats.slo().unwrap();
/// assert_eq!((slo.good(), slo.bad(), slo.objective()), (1, 1, 0.999));
/// // slo_events_total{slo="checkout",function="check_out",module="…",component="shop",result="good"} 1
/// // slo_events_total{slo="checkout",function="check_out",module="…",component="shop",result="bad"} 1
/// // slo_objective_ratio{slo="checkout",function="check_out",module="…",component="shop"} 0.999
/// // slo_latency_threshold_seconds{slo="checkout",function="check_out",module="…",component="shop"} 0.25
/// ```
///
/// | a call that | is |
/// |---|---|
/// | ended `ok`, at the latest when `latency` was over | good |
/// | ended `ok` later, failed or panicked | bad |
/// | was cancelled after `latency` | bad: who waited was promised an answer by then |
/// | was cancelled before, or without a `latency` | no event: nobody knows how it would have ended |
///
/// The time is that of the histogram, to the tick, whatever its buckets are, and the count costs a call nothing. `latency` refuses
/// `sample`, which leaves most calls without a time; a service level without `latency` takes it. All `labels` of a function are one
/// service level.
///
/// `objective` is a percentage from 1 to below 100, and anything else is an error at compile time. With the rules of the alert pack
/// a total outage pages for each of these within a quarter of an hour, from eleven calls in five minutes on; of a call a second, in
/// 2 minutes for 99.9 and above, and in 7 at the most for any other.
///
/// For the rules a service level is (`job`, `component`, `module`, `slo`). Functions called alike in two modules have two; functions
/// of one module that give the same `name` have one together, of which the strictest objective holds. Functions of equal name, module
/// and component are one series and have one service level, that with the strictest objective, then with the shortest latency; the
/// calls of all of them count, so give each a `name` where that is not meant.
///
/// # What is counted
/// Functions of equal name, module and component are one series, with the `buckets` of the one that was registered first.
/// Under `sample` the durations, the busy time and the performance records are those of the timed calls, of
/// which the first call is one.
///
/// Every call ends in exactly one [`Outcome`]: `ok`, `error` where it returned a `Result` that is an `Err`, `panic`,
/// or `cancelled` where a future was dropped under way. The clock of a future starts at its first poll; one that is
/// never polled was never called. A stream (`impl Stream`, `Pin<Box<dyn Stream>>`) is one call from the first poll to its
/// end, an error where one of its items was an `Err`. The function's signature, its borrows, its `Send`-ness and the place of its type
/// errors stay as they are; an `async fn` becomes a `fn` that returns an `impl Future`.
pub use tachograph_macros::timed;

/// Makes the body of a function part of a request: every record written by it, and by what it calls and awaits,
/// carries the request's id.
///
/// ```
/// use tachograph::request_scoped;
///
/// #[request_scoped(id = header, fields(user))]
/// fn handle(header: Option<&str>, user: u64) -> String {
///     tachograph::request_id().unwrap_or_default()
/// }
/// assert_eq!(handle(Some("order-17"), 4), "order-17");
/// assert_eq!(handle(None, 4).len(), 36);
/// ```
///
/// | argument | meaning |
/// |---|---|
/// | `id = expression` | the id that came with the request, a string or an `Option` of one; absent or invalid: the current one, else a new one |
/// | `new` | always a new id |
/// | `fields(user_id, %url)` | on every record inside |
/// | `crate = path` | where this crate is, for crates that re-export it |
///
/// The id is settled when the function is called, also where it gives a future: a handler that is spawned onto
/// another task keeps the request of its caller.
pub use tachograph_macros::request_scoped;

/// Measures a block where there is no function to annotate.
///
/// ```
/// let number = tachograph::timed_block!("parse", component = "input", { "17".parse::<u8>() });
/// assert_eq!(number, Ok(17));
/// ```
///
/// The arguments after the name are `component`, `slow` and `crate`, as for [`macro@timed`]. A block that is left
/// early, by `return`, `?`, `break` or the drop of the future around it, counts as cancelled.
pub use tachograph_macros::timed_block;

/// Adds fields to the performance record of the call that it stands in, and to its outcome nothing.
///
/// ```
/// #[tachograph::timed(slow = "0")]
/// fn download(url: &str) -> usize {
///     let file = url.as_bytes();
///     tachograph::record!(file_size = file.len(), %url);
///     file.len()
/// }
/// assert_eq!(download("https://example.com/"), 20);
/// ```
///
/// The fields are those of [`macro@timed`]. They go to the innermost annotated function whose body names `record!`, or
/// that captures fields; outside of one, and where no record can come of the call, nothing is evaluated.
pub use tachograph_macros::record;
