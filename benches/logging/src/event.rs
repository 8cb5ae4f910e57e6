//! What every contender logs: one message with five fields, inside a span with one field, in a request with an id.

pub(crate) const MESSAGE: &str = "request served";
pub(crate) const REQUEST_ID: &str = "018e4f2a-7c1b-7d3e-9f00-5a6b7c8d9e0f";
pub(crate) const ROUTE: &str = "/files/{id}";

const PATHS: [&str; 4] =
    ["/files/4711", "/files/report-2026-02.pdf", "/files/a b?download=\"yes\"", "/files/zürich/plan.svg"];

/// The fields of an event, by its number.
pub(crate) struct Fields {
    /// Tells the event from all others of the process.
    pub(crate) number: u64,
    pub(crate) path: &'static str,
    pub(crate) bytes: u64,
    pub(crate) elapsed_ms: f64,
    pub(crate) cached: bool,
}

impl Fields {
    #[inline(always)]
    pub(crate) fn of(number: u64) -> Self {
        Self {
            number,
            path: PATHS[number as usize % PATHS.len()],
            bytes: number.wrapping_mul(7_919) % 1_000_003,
            elapsed_ms: (number.wrapping_mul(104_729) % 1_000_003) as f64 / 1_000.0,
            cached: number.is_multiple_of(3),
        }
    }
}
