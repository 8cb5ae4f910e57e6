//! Lines by their number alone.

use super::route::Route;

#[derive(Debug, Default)]
pub(super) struct Batch(pub(super) u64);

/// Models have no spools.
pub(super) struct Half;

impl Half {
    pub(super) fn fill(&self) {}
}

impl Batch {
    pub(super) fn has_room(&self, _: usize, limit: usize) -> bool {
        (self.0 as usize) < limit
    }

    pub(super) fn push(&mut self, _: &[u8], _: Route) {
        self.0 += 1;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0 == 0
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &[]
    }

    pub(super) fn half(&self) -> Option<&Half> {
        None
    }

    pub(super) fn disown(&mut self) {
        self.0 = 0;
    }
}
