//! What is wrong, and where.

use std::fmt;
use std::path::{Path, PathBuf};

/// Something that an operator has to mend.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Fault {
    file: Option<PathBuf>,
    line: Option<usize>,
    message: String,
}

impl Fault {
    /// Of no file, but of a variable, an argument, a server.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { file: None, line: None, message: message.into() }
    }

    /// Of a file as a whole.
    pub(crate) fn of(file: &Path, message: impl Into<String>) -> Self {
        Self { file: Some(file.to_owned()), ..Self::new(message) }
    }

    /// Of a line of a file; the first is 1.
    pub(crate) fn at(file: &Path, line: usize, message: impl Into<String>) -> Self {
        Self { line: Some(line), ..Self::of(file, message) }
    }
}

/// As compilers write it, so that editors find the place: `rules/cache.yml:12: …`.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.file, self.line) {
            (Some(file), Some(line)) => write!(f, "{}:{line}: {}", file.display(), self.message),
            (Some(file), None) => write!(f, "{}: {}", file.display(), self.message),
            _ => write!(f, "{}", self.message),
        }
    }
}

/// All of them at once, never none.
#[derive(Debug)]
pub(crate) struct Faults(pub(crate) Vec<Fault>);

impl From<Fault> for Faults {
    fn from(fault: Fault) -> Self {
        Self(vec![fault])
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|fault| writeln!(f, "error: {fault}"))
    }
}
