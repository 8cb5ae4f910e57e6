//! What came of a crate.

use std::collections::BTreeMap;

use crate::insert::LeftOut;

pub(crate) struct Verdict {
    pub(crate) name: String,
    pub(crate) version: String,
    /// An error where the crate could not be tried at all: without the attribute it does not build either.
    pub(crate) outcome: Result<Comparison, String>,
}

#[derive(Default)]
pub(crate) struct Comparison {
    /// How it had to be built, where not as it came.
    pub(crate) built: Vec<String>,
    pub(crate) annotated: usize,
    pub(crate) left_out: BTreeMap<LeftOut, usize>,
    /// Files that no function could be annotated in, and why.
    pub(crate) files: Vec<String>,
    /// Functions that do not compile with the attribute.
    pub(crate) broken: Vec<String>,
    /// The annotated crate does not compile, and no function could be named for it.
    pub(crate) unexplained: bool,
    pub(crate) passed_before: usize,
    pub(crate) passed_after: usize,
    /// Tests that passed before and no longer do.
    pub(crate) failed: Vec<String>,
    /// Tests that passed only when run again, alone.
    pub(crate) repeated: Vec<String>,
    /// Functions of which the attribute says itself, in a warning, that it cannot measure what they return.
    pub(crate) unmeasured: usize,
    /// Warnings that rustc gives with the attribute only, and without it only.
    pub(crate) warnings_new: Vec<String>,
    pub(crate) warnings_lost: Vec<String>,
}

impl Comparison {
    pub(crate) fn functions(&self) -> usize {
        self.annotated + self.left_out.values().sum::<usize>()
    }

    fn is_good(&self) -> bool {
        self.broken.is_empty()
            && !self.unexplained
            && self.failed.is_empty()
            && self.warnings_new.is_empty()
            && self.warnings_lost.is_empty()
    }
}

impl Verdict {
    /// A crate that could not be tried says nothing about the attribute, but is no success.
    pub(crate) fn is_good(&self) -> bool {
        self.outcome.as_ref().is_ok_and(Comparison::is_good)
    }
}
