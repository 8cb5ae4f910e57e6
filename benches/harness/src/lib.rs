//! What the measurements of a running program share.
//!
//! ```text
//! load ─► what a process of a contender says ─► values of all rounds ─► bars ─► page
//! ```

pub mod load;
pub mod memory;
pub mod child;
pub mod statistics;
pub mod values;
pub mod page;

pub type Error = Box<dyn std::error::Error>;
