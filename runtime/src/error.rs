//! What can go wrong while telemetry is set up.

use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::measurement::Address;

/// Why telemetry could not be installed, naming the thing and the remedy. Nothing is installed when it is returned.
///
/// `Debug` says the same as `Display`: it is what a `main` that returns this error prints.
pub struct Error(Box<Kind>);

#[derive(Debug)]
pub(crate) enum Kind {
    Setting {
        name: &'static str,
        value: String,
        accepted: &'static str,
    },
    Service {
        name: String,
    },
    AlreadyInstalled,
    ForeignSubscriber,
    Token {
        name: &'static str,
    },
    Listen {
        address: Address,
        source: io::Error,
    },
    Io {
        operation: &'static str,
        path: PathBuf,
        source: io::Error,
    },
    Thread {
        name: &'static str,
        source: io::Error,
    },
    #[cfg(unix)]
    Signal {
        name: &'static str,
        source: io::Error,
        /// The variable that asks for it.
        unset: &'static str,
    },
}

impl From<Kind> for Error {
    fn from(kind: Kind) -> Self {
        Self(Box::new(kind))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Kind::Setting { name, value, accepted } => {
                write!(formatter, "{name} is `{}`, which is not {accepted}", value.escape_debug())
            }
            Kind::Service { name } => write!(
                formatter,
                "`{}` cannot be a service name, since log files are named after it: use ASCII letters, digits, \
                 `-`, `_` and `.`, and begin with a letter or digit",
                name.escape_debug()
            ),
            Kind::AlreadyInstalled => formatter.write_str(
                "telemetry is installed already in this process: keep the guard of the first `init` and share it",
            ),
            Kind::ForeignSubscriber => formatter.write_str(
                "another tracing subscriber is installed already: remove it, or call tachograph's `init` before it",
            ),
            Kind::Token { name } => write!(
                formatter,
                "{name} cannot be a bearer token: use visible ASCII characters without blanks, at least one, or leave it unset"
            ),
            Kind::Listen { address, source } => write!(
                formatter,
                "cannot serve metrics on {address}: {source}; set METRICS_ADDR to a free address, or to `off`"
            ),
            Kind::Io { operation, path, source } => write!(
                formatter,
                "cannot {operation} {}: {source}; set LOG_DIR to a directory that can be written",
                path.display()
            ),
            #[cfg(unix)]
            Kind::Signal { name, source, unset } => {
                write!(formatter, "cannot handle {name}: {source}; leave {unset} unset")
            }
            Kind::Thread { name, source } => write!(formatter, "cannot start the thread {name}: {source}"),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &*self.0 {
            // The message has said already what these say themselves.
            Kind::Listen { source, .. } | Kind::Io { source, .. } | Kind::Thread { source, .. } => {
                source.source()
            }
            _ => None,
        }
    }
}
