//! What the command line asks for.

use std::ffi::OsString;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use thiserror::Error;

/// What `mirror --help` prints.
pub(crate) const HELP: &str = "\
Mirrors files, and shows what tachograph makes of it.

Usage: mirror [OPTIONS]

  --for TIME      stop after this time, such as 10s or 2m (default: run until Ctrl-C or SIGTERM)
  --api ADDR      address of the HTTP interface (default 127.0.0.1:0, a free port)
  --data DIR      files, database and logs (default data)
  --workers N     downloads at a time (default 4)
  --role ROLE     `all` in one process (default), or one of two: `api` or `worker`
  --no-load       no load of its own: only what comes through the interface
  --help          this text

Two processes share the files, and the database as their queue: SQLite below --data, or the PostgreSQL that DATABASE_URL
names, such as postgres://user@host/name. With it one process has its queue there too. REDIS_URL, such as redis://host:6379, names
a Redis for the cache, which is in memory otherwise.

Logs and metrics are set by the environment: LOG_LEVEL, LOG_DIR, LOG_MAX_BYTES, LOG_BACKUPS, LOG_CONSOLE (here off
unless set), PERFORMANCE_LOG_THRESHOLD, METRICS_ADDR, METRICS_TOKEN.
";

/// What to do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Run(Options),
    Help,
}

/// How to run.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Options {
    pub(crate) run_for: Option<Duration>,
    pub(crate) api: SocketAddr,
    pub(crate) data: PathBuf,
    pub(crate) workers: usize,
    pub(crate) role: Role,
    pub(crate) load: bool,
    /// Of PostgreSQL.
    pub(crate) database_url: Option<String>,
    pub(crate) redis_url: Option<String>,
}

/// What this process does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    All,
    Api,
    Worker,
}

impl Role {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "all" => Some(Self::All),
            "api" => Some(Self::Api),
            "worker" => Some(Self::Worker),
            _ => None,
        }
    }

    /// What it is called in logs.
    pub(crate) const fn service(self) -> &'static str {
        match self {
            Self::All => "mirror",
            Self::Api => "mirror-api",
            Self::Worker => "mirror-worker",
        }
    }
}

impl Options {
    /// With what the environment names.
    pub(crate) fn in_environment(mut self) -> Self {
        let named = |variable| std::env::var(variable).ok().filter(|value| !value.is_empty());
        (self.database_url, self.redis_url) = (named("DATABASE_URL"), named("REDIS_URL"));
        self
    }

    /// Whether the table of files is the queue.
    pub(crate) fn has_shared_queue(&self) -> bool {
        self.role != Role::All || self.database_url.is_some()
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            run_for: None,
            api: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            data: PathBuf::from("data"),
            workers: 4,
            role: Role::All,
            load: true,
            database_url: None,
            redis_url: None,
        }
    }
}

/// Why the command line makes no sense.
#[derive(Debug, Error, PartialEq, Eq)]
pub(crate) enum UsageError {
    #[error("there is no option `{0}`")]
    Unknown(String),
    #[error("`{0}` needs a value after it")]
    NoValue(&'static str),
    #[error("`{option}` is `{value}`, which is not {accepted}")]
    Value { option: &'static str, value: String, accepted: &'static str },
}

impl Command {
    /// Reads the arguments that follow the program's name. An option given twice keeps its last value.
    pub(crate) fn parse(mut arguments: impl Iterator<Item = OsString>) -> Result<Self, UsageError> {
        let mut options = Options::default();
        while let Some(argument) = arguments.next() {
            match argument.to_str().unwrap_or_default() {
                "--for" => options.run_for = Some(read("--for", "a time such as 10s", &mut arguments, time)?),
                "--api" => {
                    options.api = read("--api", "an address such as 127.0.0.1:8080", &mut arguments, parsed)?
                }
                "--workers" => {
                    options.workers = read("--workers", "a number from 1 to 1000", &mut arguments, workers)?
                }
                "--data" => options.data = arguments.next().ok_or(UsageError::NoValue("--data"))?.into(),
                "--role" => {
                    options.role = read("--role", "`all`, `api` or `worker`", &mut arguments, Role::parse)?
                }
                "--no-load" => options.load = false,
                "--help" | "-h" => return Ok(Self::Help),
                _ => return Err(UsageError::Unknown(argument.to_string_lossy().into_owned())),
            }
        }
        Ok(Self::Run(options))
    }
}

/// Takes the value of an option from the arguments.
fn read<T>(
    option: &'static str,
    accepted: &'static str,
    arguments: &mut impl Iterator<Item = OsString>,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<T, UsageError> {
    let value = arguments.next().ok_or(UsageError::NoValue(option))?.to_string_lossy().into_owned();
    parse(&value).ok_or(UsageError::Value { option, value, accepted })
}

fn parsed<T: std::str::FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

fn workers(text: &str) -> Option<usize> {
    parsed(text).filter(|count| (1..=1000).contains(count))
}

/// Reads `250ms`, `10s`, `2m` or `1h`.
fn time(text: &str) -> Option<Duration> {
    let (number, unit) = text.split_at(text.find(|character: char| !character.is_ascii_digit())?);
    let number: u64 = number.parse().ok()?;
    match unit {
        "ms" => Some(Duration::from_millis(number)),
        "s" => Some(Duration::from_secs(number)),
        "m" => number.checked_mul(60).map(Duration::from_secs),
        "h" => number.checked_mul(3600).map(Duration::from_secs),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Command, UsageError> {
        Command::parse(line.split_whitespace().map(OsString::from))
    }

    #[test]
    fn nothing_said_means_the_defaults() {
        assert_eq!(parse(""), Ok(Command::Run(Options::default())));
    }

    #[test]
    fn every_option_is_taken() {
        let options = Options {
            run_for: Some(Duration::from_secs(10)),
            api: SocketAddr::from(([127, 0, 0, 1], 8080)),
            data: "elsewhere".into(),
            workers: 2,
            role: Role::Worker,
            load: false,
            ..Options::default()
        };
        let line = "--for 10s --api 127.0.0.1:8080 --data elsewhere --workers 2 --role worker --no-load";
        assert_eq!(parse(line), Ok(Command::Run(options)));
    }

    #[test]
    fn times_have_a_unit() {
        assert_eq!(time("250ms"), Some(Duration::from_millis(250)));
        assert_eq!(time("2m"), Some(Duration::from_secs(120)));
        assert_eq!(time("1h"), Some(Duration::from_secs(3600)));
        for nonsense in
            ["", "10", "s", "10 s", "-1s", "1.5s", "99999999999999999999s", "18446744073709551615h"]
        {
            assert_eq!(time(nonsense), None, "{nonsense:?}");
        }
    }

    #[test]
    fn mistakes_name_the_option_and_what_is_accepted() {
        let message = |line| parse(line).expect_err(line).to_string();
        assert_eq!(message("--fro 10s"), "there is no option `--fro`");
        assert_eq!(message("--for"), "`--for` needs a value after it");
        assert_eq!(message("--for soon"), "`--for` is `soon`, which is not a time such as 10s");
        assert_eq!(message("--role king"), "`--role` is `king`, which is not `all`, `api` or `worker`");
        assert_eq!(message("--workers 0"), "`--workers` is `0`, which is not a number from 1 to 1000");
        assert_eq!(
            message("--api 8080"),
            "`--api` is `8080`, which is not an address such as 127.0.0.1:8080"
        );
    }
}
