//! What lies behind an error, whoever wraps it.

use std::error::Error;
use std::io;

/// How many errors behind an error are looked at: one may be its own source.
const MAX_CAUSES: usize = 16;

/// What the system, or whoever waited, says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    TimedOut,
    NotConnected,
    /// A file or directory, or what they are on.
    Disk,
}

/// The outermost cause that is known.
pub(crate) fn cause(error: &(dyn Error + 'static)) -> Option<Cause> {
    chain(error).take(MAX_CAUSES).find_map(known)
}

fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error: &&'a (dyn Error + 'static)| (*error).source())
}

fn known(error: &(dyn Error + 'static)) -> Option<Cause> {
    use io::ErrorKind as Kind;
    #[cfg(any(feature = "telemetry", feature = "tokio"))]
    if error.is::<tokio::time::error::Elapsed>() {
        return Some(Cause::TimedOut);
    }
    match error.downcast_ref::<io::Error>()?.kind() {
        Kind::TimedOut => Some(Cause::TimedOut),
        Kind::ConnectionRefused
        | Kind::ConnectionReset
        | Kind::ConnectionAborted
        | Kind::NotConnected
        | Kind::BrokenPipe
        | Kind::UnexpectedEof
        | Kind::HostUnreachable
        | Kind::NetworkUnreachable
        | Kind::NetworkDown
        | Kind::AddrNotAvailable => Some(Cause::NotConnected),
        Kind::StorageFull
        | Kind::QuotaExceeded
        | Kind::FileTooLarge
        | Kind::ReadOnlyFilesystem
        | Kind::PermissionDenied
        | Kind::NotFound
        | Kind::NotADirectory
        | Kind::IsADirectory
        | Kind::AlreadyExists => Some(Cause::Disk),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Wrapped(io::Error);

    impl std::fmt::Display for Wrapped {
        fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            formatter.write_str("wrapped")
        }
    }

    impl Error for Wrapped {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(&self.0)
        }
    }

    #[test]
    fn it_is_found_behind_whatever_wraps_it() {
        let of = |kind: io::ErrorKind| cause(&Wrapped(kind.into()));
        assert_eq!(of(io::ErrorKind::TimedOut), Some(Cause::TimedOut));
        assert_eq!(of(io::ErrorKind::ConnectionReset), Some(Cause::NotConnected));
        assert_eq!(of(io::ErrorKind::StorageFull), Some(Cause::Disk));
        assert_eq!(of(io::ErrorKind::InvalidData), None);
    }

    #[test]
    fn an_error_that_is_its_own_source_has_an_end() {
        #[derive(Debug)]
        struct Loop;
        impl std::fmt::Display for Loop {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("again")
            }
        }
        impl Error for Loop {
            fn source(&self) -> Option<&(dyn Error + 'static)> {
                Some(self)
            }
        }
        assert_eq!(cause(&Loop), None);
    }
}
