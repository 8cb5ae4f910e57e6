//! What one process measures of one contender: names and values, a line each on its standard output.

pub(crate) mod calls;
