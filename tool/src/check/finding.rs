//! What is wrong with an expression, and by which of its words the place is found.

use std::path::Path;

use crate::fault::Fault;

/// Something wrong with an expression.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    needle: String,
    message: String,
}

impl Finding {
    pub(crate) fn new(needle: &str, message: impl Into<String>) -> Self {
        Self { needle: needle.to_owned(), message: message.into() }
    }

    /// Where it stands, with the text of the expression and the line on which that begins.
    pub(crate) fn at(self, file: &Path, line: usize, text: &str) -> Fault {
        let before = text.find(&self.needle).map_or("", |at| &text[..at]);
        Fault::at(file, line + before.matches('\n').count(), self.message)
    }
}
