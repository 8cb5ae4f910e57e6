//! Why a command failed, as a label.

use std::error::Error;
use std::io;

use redis::{ErrorKind, RedisError, ServerError, ServerErrorKind};

/// The class of an error, or that there was none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ErrorType {
    None,
    /// There is no connection, or it broke.
    Connection,
    Timeout,
    /// Who asks is not known, or may not ask that.
    Auth,
    /// It loads its data, or runs a script.
    Busy,
    OutOfMemory,
    /// The key holds something of another kind.
    WrongType,
    ReadOnly,
    /// The key is on another node, or no node has it.
    Cluster,
    /// Nobody waits for the reply any more.
    Cancelled,
    Other,
}

impl ErrorType {
    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Connection => "connection",
            Self::Timeout => "timeout",
            Self::Auth => "auth",
            Self::Busy => "busy",
            Self::OutOfMemory => "out_of_memory",
            Self::WrongType => "wrong_type",
            Self::ReadOnly => "read_only",
            Self::Cluster => "cluster",
            Self::Cancelled => "cancelled",
            Self::Other => "other",
        }
    }

    pub(super) fn of(error: &RedisError) -> Self {
        match error.kind() {
            ErrorKind::Io => of_io(error),
            ErrorKind::ClusterConnectionNotFound
            | ErrorKind::MasterNameNotFoundBySentinel
            | ErrorKind::NoValidReplicasFoundBySentinel => Self::Connection,
            ErrorKind::AuthenticationFailed => Self::Auth,
            // Several commands, of which the first that failed may not be the one that says why.
            ErrorKind::Server(ServerErrorKind::ExecAbort) => of_several(error),
            ErrorKind::Server(_) | ErrorKind::Extension => error.code().map_or(Self::Other, of_code),
            _ => Self::Other,
        }
    }

    pub(super) fn of_server(error: &ServerError) -> Self {
        of_code(error.code())
    }
}

fn of_io(error: &RedisError) -> ErrorType {
    let kind = error.source().and_then(|cause| cause.downcast_ref::<io::Error>()).map(io::Error::kind);
    let timed_out = matches!(kind, Some(io::ErrorKind::TimedOut)) || error.is_timeout();
    if timed_out { ErrorType::Timeout } else { ErrorType::Connection }
}

#[cold]
fn of_several(error: &RedisError) -> ErrorType {
    let errors = error.clone().into_server_errors();
    let mut types = errors.iter().flat_map(|errors| errors.iter()).map(|(_, error)| of_code(error.code()));
    types.find(|error_type| *error_type != ErrorType::Other).unwrap_or(ErrorType::Other)
}

/// The first word of an error of the server is a code, and no text of anybody's.
fn of_code(code: &str) -> ErrorType {
    match code {
        "NOAUTH" | "WRONGPASS" | "NOPERM" => ErrorType::Auth,
        "LOADING" | "BUSY" | "MASTERDOWN" => ErrorType::Busy,
        "OOM" => ErrorType::OutOfMemory,
        "WRONGTYPE" => ErrorType::WrongType,
        "READONLY" => ErrorType::ReadOnly,
        "MOVED" | "ASK" | "TRYAGAIN" | "CLUSTERDOWN" | "CROSSSLOT" => ErrorType::Cluster,
        _ => ErrorType::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_the_connection_are_told_from_those_of_time() {
        let of = |kind: io::ErrorKind| ErrorType::of(&RedisError::from(io::Error::from(kind)));
        for kind in [io::ErrorKind::ConnectionRefused, io::ErrorKind::BrokenPipe, io::ErrorKind::NotFound] {
            assert_eq!(of(kind), ErrorType::Connection, "{kind}");
        }
        assert_eq!(of(io::ErrorKind::TimedOut), ErrorType::Timeout);
        let lost = RedisError::from((ErrorKind::Io, "no details"));
        assert_eq!(ErrorType::of(&lost), ErrorType::Connection);
    }

    #[test]
    fn what_the_client_finds_is_its_own_class_or_the_other() {
        let of = |kind: ErrorKind| ErrorType::of(&RedisError::from((kind, "no details")));
        assert_eq!(of(ErrorKind::AuthenticationFailed), ErrorType::Auth);
        assert_eq!(of(ErrorKind::ClusterConnectionNotFound), ErrorType::Connection);
        assert_eq!(of(ErrorKind::UnexpectedReturnType), ErrorType::Other);
        assert_eq!(of(ErrorKind::Server(ServerErrorKind::BusyLoading)), ErrorType::Busy);
        assert_eq!(of(ErrorKind::Server(ServerErrorKind::Moved)), ErrorType::Cluster);
        assert_eq!(of(ErrorKind::Server(ServerErrorKind::ExecAbort)), ErrorType::Other);
    }
}
