//! Where a line goes is all the same to the queue.

#[derive(Clone, Copy, Debug)]
pub(super) struct Route;
