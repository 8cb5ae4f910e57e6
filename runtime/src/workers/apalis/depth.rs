//! How many tasks wait, where the backend tells it.

use apalis_core::backend::Metrics;

/// The number of tasks of the backend's queue that wait for a worker; none where it cannot be told. For
/// [`Queue::watch_depth`](crate::workers::Queue::watch_depth), with the backends of apalis for SQLite, PostgreSQL and Redis:
/// ```
/// # use apalis_core::backend::Metrics;
/// # async fn watch(storage: impl Metrics) {
/// use tachograph::workers::{Queue, apalis};
/// Queue::new("downloads").watch_depth(|| apalis::pending(&storage)).await;
/// # }
/// ```
pub async fn pending<B: Metrics>(backend: &B) -> Option<u64> {
    let statistics = backend.fetch_by_queue().await.ok()?;
    let pending = statistics.iter().find(|statistic| statistic.title == "PENDING_JOBS")?;
    let number: f64 = pending.value.parse().ok()?;
    (number >= 0.0).then_some(number as u64)
}
