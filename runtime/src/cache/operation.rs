//! What is done with a cache in the process, and how long it takes.

use super::series::Series;
use crate::clock;

/// What is done, in the order of the labels.
#[derive(Clone, Copy, Debug)]
pub(super) enum Operation {
    Get,
    Load,
    Insert,
    Remove,
}

/// An operation under way. One that is dropped has not come to its end.
#[derive(Debug)]
pub(super) struct UnderWay {
    series: &'static Series,
    operation: Operation,
    began: u64,
}

impl UnderWay {
    pub(super) fn begin(series: &'static Series, operation: Operation) -> Self {
        Self { series, operation, began: clock::ticks() }
    }

    pub(super) const fn series(&self) -> &'static Series {
        self.series
    }

    pub(super) fn end(self) {
        let elapsed = clock::ticks().saturating_sub(self.began);
        self.series.handles().duration(self.operation).record(clock::seconds(elapsed));
    }
}
