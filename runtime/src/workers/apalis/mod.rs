//! Workers of [apalis](https://docs.rs/apalis), whatever their backend.
//!
//! ```
//! use apalis_core::backend::{TaskSink, memory::MemoryStorage};
//! use apalis_core::worker::{builder::WorkerBuilder, context::WorkerContext};
//! use tachograph::workers::apalis::{WorkerLayer, task};
//!
//! #[derive(Debug, Clone)]
//! struct Download(String);
//!
//! async fn download(Download(url): Download, worker: WorkerContext) -> Result<(), std::io::Error> {
//!     assert_eq!(tachograph::request_id().as_deref(), Some("order-17"), "{url}");
//!     let _ = worker.stop();
//!     Ok(())
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let mut downloads = MemoryStorage::new();
//! let job = tachograph::with_request_id("order-17", || task(Download("https://example.com/".into())).build());
//! downloads.push_task(job).await.unwrap();
//!
//! let layer = WorkerLayer::new("downloads").task("download_file");
//! let worker = WorkerBuilder::new("downloader").backend(downloads).layer(layer).build(download);
//! worker.run().await.unwrap();
//! # });
//! ```
//!
//! The layer goes last, which is innermost: so a panic is still one that `catch_panic` turns into an error outside of it, and an attempt that
//! `retry` makes is one. Where it stands outside of `retry`, all attempts are one job, and their number counts as retries all the same.

mod layer;
mod metadata;
mod task_name;
mod depth;

pub use self::depth::pending;
pub use self::layer::{Measured, MeasuredFuture, WorkerLayer};
pub use self::metadata::{Enqueued, task};
pub use self::task_name::{ByArgs, ByType, Named, TaskName};
