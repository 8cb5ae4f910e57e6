//! What the programs of this package share: the work that is measured, and the counts of memory.

pub mod work;
pub mod effort;
pub mod telemetry;
pub mod exporter;
pub mod many;

pub use harness::{Error, memory};

#[global_allocator]
static ALLOCATOR: memory::Counting = memory::Counting;
