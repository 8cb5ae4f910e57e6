use std::error::Error;

use crate::causes::{Cause, cause};

/// Why a download failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It took too long.
    Timeout,
    /// Its source could not be reached, or broke off.
    Connection,
    /// Its source refused it.
    Status,
    /// What came is not what was promised: another digest, another size.
    Integrity,
    /// It could not be stored.
    Disk,
    /// Nobody wanted it any more.
    Cancelled,
    /// The code that downloads panicked.
    Panic,
    /// Anything else.
    Other,
}

impl Reason {
    /// What lies behind an error, as far as the system or a timeout of tokio has said it: [`Timeout`](Self::Timeout),
    /// [`Connection`](Self::Connection), [`Disk`](Self::Disk), else [`Other`](Self::Other).
    #[must_use]
    pub fn of(error: &(dyn Error + 'static)) -> Self {
        match cause(error) {
            Some(Cause::TimedOut) => Self::Timeout,
            Some(Cause::NotConnected) => Self::Connection,
            Some(Cause::Disk) => Self::Disk,
            None => Self::Other,
        }
    }

    /// The value of the label `error_type`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::Connection => "connection",
            Self::Status => "status",
            Self::Integrity => "integrity",
            Self::Disk => "disk",
            Self::Cancelled => "cancelled",
            Self::Panic => "panic",
            Self::Other => "other",
        }
    }
}
