//! What is wrong with an expression, and by which of its words the place is found.

use std::path::Path;

use crate::fault::Fault;

/// Something wrong with an expression.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    needle: String,
    message: String,
    is_about_labels: bool,
}

impl Finding {
    pub(crate) fn new(needle: &str, message: impl Into<String>) -> Self {
        Self { needle: needle.to_owned(), message: message.into(), is_about_labels: false }
    }

    /// That there are no such labels.
    pub(crate) fn about_labels(needle: &str, message: impl Into<String>) -> Self {
        Self { is_about_labels: true, ..Self::new(needle, message) }
    }

    pub(crate) fn is_about_labels(&self) -> bool {
        self.is_about_labels
    }

    /// Where it stands, with the text of the expression and the line on which that begins.
    pub(crate) fn at(self, file: &Path, line: usize, text: &str) -> Fault {
        let before = text.find(&self.needle).map_or("", |at| &text[..at]);
        Fault::at(file, line + before.matches('\n').count(), self.message)
    }
}
