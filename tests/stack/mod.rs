//! What real servers make of tachograph.

mod scraped;
mod python;

mod promtool_accepts;
mod names;
mod two_processes;
mod python_accepts;
mod prometheus_stores;
mod redis_measured;
mod postgres_is_measured;
