//! What can go wrong in the service.

use std::error::Error as StdError;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use thiserror::Error;

use crate::digest::Digest;

/// Why something failed, naming the thing. What lies behind it is its `source`.
#[derive(Debug, Error)]
pub(crate) enum Error {
    #[error("`{url}` is not a URL that can be mirrored: it must begin with http://")]
    Url { url: String },
    #[error("there is no file {id}")]
    UnknownFile { id: i64 },
    #[error("the queue is full: try again later")]
    QueueFull,
    #[error("the service is stopping")]
    Stopping,

    #[error("the origin did not answer")]
    Unreachable(#[source] reqwest::Error),
    #[error("the origin answered {status}")]
    Refused { status: reqwest::StatusCode },
    #[error("the origin broke off after {received} bytes")]
    BrokenOff { received: u64, source: reqwest::Error },
    #[error("the download took longer than {limit:?}")]
    TooSlow { limit: Duration },
    #[error("the digest is {actual}, but {expected} was promised")]
    WrongDigest { expected: Digest, actual: Digest },

    #[error("cannot {operation} {}", path.display())]
    Disk { operation: &'static str, path: PathBuf, source: io::Error },
    #[error("cannot {operation} in the database")]
    Database { operation: &'static str, source: sqlx::Error },
    #[error("cannot write the context of a request down")]
    Context(#[source] serde_json::Error),
    // Neither says what stands there: it may hold a password.
    #[error("DATABASE_URL is not one of PostgreSQL, such as postgres://user@host/name")]
    DatabaseUrl,
    #[error("REDIS_URL is not one of Redis, such as redis://host:6379")]
    RedisUrl(#[source] redis::RedisError),

    #[error("cannot listen on {address}: choose another with --api")]
    Listen { address: SocketAddr, source: io::Error },
    #[error("cannot start the runtime")]
    Runtime(#[source] io::Error),
    #[error("cannot build the HTTP client")]
    Client(#[source] reqwest::Error),
    #[error(transparent)]
    Telemetry(#[from] tachograph::Error),
    #[error(transparent)]
    Unwritten(#[from] tachograph::Unwritten),
}

/// The message of an error and of those behind it, in a line.
pub(crate) fn with_causes(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_follow_the_message() {
        let source = io::Error::from(io::ErrorKind::AddrInUse);
        let error = Error::Listen { address: SocketAddr::from(([127, 0, 0, 1], 80)), source };
        assert_eq!(
            with_causes(&error),
            "cannot listen on 127.0.0.1:80: choose another with --api: address in use"
        );
    }
}
