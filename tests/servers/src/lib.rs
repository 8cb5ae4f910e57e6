//! The real programs around tachograph: they are fetched, started, asked, and ended.
//!
//! Nothing here is installed, and nothing survives a test: a child dies with the thread that started it.

pub mod target;
pub mod debian;
pub mod generation;
pub mod tool;
pub mod cargo;
pub mod process;
pub mod http;
pub mod mirror;
pub mod prometheus;
pub mod promtool;
pub mod alertmanager;
pub mod telegram;
pub mod redis;
pub mod postgres;
pub mod exporter;
