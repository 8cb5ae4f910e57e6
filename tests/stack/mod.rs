//! The real programs around tachograph: they are fetched, started, asked, and ended.
//!
//! Nothing here is installed, and nothing survives a test: a child dies with the thread that started it.

mod target;
mod debian;
mod tool;
pub(crate) mod process;
mod http;
mod mirror;
mod scraped;
mod scrape_config;
mod prometheus;
mod promql;
mod rules;
mod rule_tests;
mod python;
mod redis;
mod postgres;

mod promtool_accepts;
mod rules_are_proven;
mod names;
mod two_processes;
mod prometheus_sees;
mod python_accepts;
mod prometheus_stores;
mod redis_measured;
mod postgres_is_measured;
