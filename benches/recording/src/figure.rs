//! What one process measures of one contender: names and values, a line each on its standard output.

pub(crate) mod calls;
pub(crate) mod record;
pub(crate) mod loss;
pub(crate) mod memory;
pub(crate) mod quantile;
