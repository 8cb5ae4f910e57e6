//! How long one process measures, and how it tells what it found.

use std::time::Duration;

pub struct Effort {
    pub window: Duration,
    pub repeats: usize,
    pub renders: usize,
    /// Of those that look for what is lost.
    pub calls: u64,
    /// Of the look at memory.
    pub duration: Duration,
}

impl Effort {
    pub const QUICK: &'static str = "quick";
    pub const FULL: &'static str = "full";

    pub fn named(name: &str) -> Self {
        if name == Self::QUICK {
            Self {
                window: Duration::from_millis(5),
                repeats: 2,
                renders: 5,
                calls: 2_000_000,
                duration: Duration::from_secs(10),
            }
        } else {
            Self {
                window: Duration::from_millis(8),
                repeats: 3,
                renders: 11,
                calls: 20_000_000,
                duration: Duration::from_secs(60),
            }
        }
    }
}

/// A line for the process that waits for it.
pub fn say(name: &str, value: f64) {
    println!("{name}\t{value}");
}
