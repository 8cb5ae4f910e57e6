//! What the programs of this package share: the work that is measured, the load on it, and the counts of memory.

pub mod work;
pub mod effort;
pub mod load;
pub mod memory;
pub mod statistics;
pub mod telemetry;
pub mod exporter;
pub mod many;

pub type Error = Box<dyn std::error::Error>;
