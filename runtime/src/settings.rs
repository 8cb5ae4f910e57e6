//! What the environment and the builder say, checked before anything is set up.

use std::env;
use std::ffi::OsString;
use std::io::IsTerminal;
use std::net::ToSocketAddrs;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use crate::error::{Error, Kind};
use crate::level::Directives;
use crate::logs::{Console, Durability, LogFormat, LogRotation, MAX_RECORD_BYTES, Overflow};
use crate::measurement::{Address, Token};
use crate::sensitive::Sensitive;

const LEVEL: &str = "a level (TRACE, DEBUG, INFO, WARN or WARNING, ERROR or CRITICAL, OFF) or tracing filter \
                     directives such as `info,my_crate=debug`";
const BYTES: &str = "a number of bytes of at least 1024, or 0 for no rotation";
const BACKUPS: &str = "a number from 0 to 1000";
const ROTATION: &str = "one of `size`, `daily` and `both`";
const TOTAL: &str = "a number of bytes of at least three times LOG_MAX_BYTES, which is what the current files may \
                     have, or 0 for no limit";
const AGE: &str = "an age such as `30d`, `12h` or `0` for no limit";
const COMPRESS: &str = "one of `gzip` and `off`";
const SWITCH: &str = "one of `1` and `0`";
const CONSOLE: &str = "one of `text`, `json` and `off`";
const OVERFLOW: &str = "`block` or `drop`";
const DURABILITY: &str = "`memory` or `spool`";
const FORMAT: &str = "one of `tachograph`, `ecs`, `otel` and `gcp`";
const RECORD_BYTES: &str = "a number of bytes from 1024 to 16777216";
const RATE: &str = "a number of records a second of at least 1, or `off`";
const THRESHOLD: &str = "a duration such as `100ms`, `1.5s` or `0`, or `never`";
const ADDRESS: &str =
    "an address and port such as `127.0.0.1:9464`, a socket such as `unix:/run/mirror.sock`, or `off`";
const DIRECTORY: &str = "a path";

/// The settings of one process; those of the builder are there already, the rest comes from the environment.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) service: String,
    pub(crate) level: Directives,
    pub(crate) log_dir: PathBuf,
    pub(crate) log_max_bytes: u64,
    pub(crate) log_backups: u32,
    pub(crate) log_rotation: LogRotation,
    /// 0: any size.
    pub(crate) log_max_total_bytes: u64,
    pub(crate) log_max_age: Option<Duration>,
    pub(crate) log_compress: bool,
    pub(crate) log_reopen_on_sighup: bool,
    pub(crate) log_level_signals: bool,
    pub(crate) console: Console,
    pub(crate) log_overflow: Overflow,
    pub(crate) log_durability: Durability,
    pub(crate) flush_on_signals: bool,
    pub(crate) log_format: LogFormat,
    pub(crate) max_record_bytes: usize,
    pub(crate) log_rate_limit: Option<NonZeroU32>,
    pub(crate) performance_threshold: Duration,
    pub(crate) metrics_addr: Option<Address>,
    /// What a scrape must bring.
    pub(crate) metrics_token: Option<Token>,
}

/// What the builder was told.
#[derive(Clone, Debug, Default)]
pub(crate) struct Chosen {
    pub(crate) level: Option<String>,
    pub(crate) log_dir: Option<PathBuf>,
    pub(crate) log_max_bytes: Option<u64>,
    pub(crate) log_backups: Option<u32>,
    pub(crate) log_rotation: Option<LogRotation>,
    pub(crate) log_max_total_bytes: Option<u64>,
    pub(crate) log_max_age: Option<Duration>,
    pub(crate) log_compress: Option<bool>,
    pub(crate) log_reopen_on_sighup: Option<bool>,
    pub(crate) log_level_signals: Option<bool>,
    pub(crate) console: Option<Console>,
    pub(crate) log_overflow: Option<Overflow>,
    pub(crate) log_durability: Option<Durability>,
    pub(crate) flush_on_signals: Option<bool>,
    pub(crate) log_format: Option<LogFormat>,
    pub(crate) max_record_bytes: Option<usize>,
    pub(crate) log_rate_limit: Option<u32>,
    pub(crate) performance_threshold: Option<Duration>,
    pub(crate) metrics_addr: Option<String>,
    pub(crate) metrics_token: Option<Sensitive<String>>,
}

impl Settings {
    pub(crate) fn new(service: &str, chosen: Chosen) -> Result<Self, Error> {
        Self::from(service, chosen, |name| env::var_os(name))
    }

    fn from(
        service: &str,
        chosen: Chosen,
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Self, Error> {
        let read = Reader(variable);
        let max_bytes = |bytes: &u64| *bytes == 0 || *bytes >= 1024;
        let backups = |backups: &u32| *backups <= 1000;
        let log_max_bytes = match chosen.log_max_bytes {
            Some(bytes) if max_bytes(&bytes) => bytes,
            Some(bytes) => return Err(refused("log_max_bytes", &bytes.to_string(), BYTES)),
            None => read
                .setting("LOG_MAX_BYTES", BYTES, |text| text.parse().ok().filter(max_bytes))?
                .unwrap_or(50 * 1024 * 1024),
        };
        let log_rotation = match chosen.log_rotation {
            Some(rotation) => rotation,
            None => read.setting("LOG_ROTATION", ROTATION, rotation)?.unwrap_or_default(),
        };
        // By day alone there is no limit to what the current files have.
        let current = if log_rotation == LogRotation::Daily { 0 } else { log_max_bytes };
        let total = |bytes: &u64| *bytes == 0 || *bytes >= current.saturating_mul(3);
        let record_bytes = |bytes: &usize| (1024..=16 * 1024 * 1024).contains(bytes);
        Ok(Self {
            service: checked_service(service)?,
            level: match chosen.level {
                Some(level) => Directives::parse(&level).ok_or_else(|| refused("level", &level, LEVEL))?,
                None => read.setting("LOG_LEVEL", LEVEL, Directives::parse)?.unwrap_or_default(),
            },
            log_dir: match chosen.log_dir {
                Some(directory) => directory,
                None => read.path("LOG_DIR")?.unwrap_or_else(|| "data/logs".into()),
            },
            log_max_bytes,
            log_backups: match chosen.log_backups {
                Some(count) if backups(&count) => count,
                Some(count) => return Err(refused("log_backups", &count.to_string(), BACKUPS)),
                None => read
                    .setting("LOG_BACKUPS", BACKUPS, |text| text.parse().ok().filter(backups))?
                    .unwrap_or(10),
            },
            log_rotation,
            log_max_total_bytes: match chosen.log_max_total_bytes {
                Some(bytes) if total(&bytes) => bytes,
                Some(bytes) => return Err(refused("log_max_total_bytes", &bytes.to_string(), TOTAL)),
                None => read
                    .setting("LOG_MAX_TOTAL_BYTES", TOTAL, |text| text.parse().ok().filter(total))?
                    .unwrap_or(0),
            },
            log_max_age: match chosen.log_max_age {
                Some(age) => Some(age),
                None => read.setting("LOG_MAX_AGE", AGE, duration)?,
            }
            .filter(|age| !age.is_zero()),
            log_compress: match chosen.log_compress {
                Some(compress) => compress,
                None => read.setting("LOG_COMPRESS", COMPRESS, compress)?.unwrap_or(false),
            },
            log_reopen_on_sighup: match chosen.log_reopen_on_sighup {
                Some(reopen) => reopen,
                None => read.setting("LOG_REOPEN_ON_SIGHUP", SWITCH, switch)?.unwrap_or(false),
            },
            log_level_signals: match chosen.log_level_signals {
                Some(attend) => attend,
                None => read.setting("LOG_LEVEL_SIGNALS", SWITCH, switch)?.unwrap_or(false),
            },
            console: match chosen.console {
                Some(console) => console,
                None => read.setting("LOG_CONSOLE", CONSOLE, console)?.unwrap_or_else(console_by_default),
            },
            log_overflow: match chosen.log_overflow {
                Some(overflow) => overflow,
                None => read.setting("LOG_OVERFLOW", OVERFLOW, overflow)?.unwrap_or_default(),
            },
            log_durability: match chosen.log_durability {
                Some(durability) => durability,
                None => read.setting("LOG_DURABILITY", DURABILITY, durability)?.unwrap_or_default(),
            },
            flush_on_signals: chosen.flush_on_signals.unwrap_or(true),
            log_format: match chosen.log_format {
                Some(format) => format,
                None => read.setting("LOG_FORMAT", FORMAT, log_format)?.unwrap_or_default(),
            },
            max_record_bytes: match chosen.max_record_bytes {
                Some(bytes) if record_bytes(&bytes) => bytes,
                Some(bytes) => return Err(refused("max_record_bytes", &bytes.to_string(), RECORD_BYTES)),
                None => read
                    .setting("LOG_MAX_RECORD_BYTES", RECORD_BYTES, |text| {
                        text.parse().ok().filter(record_bytes)
                    })?
                    .unwrap_or(MAX_RECORD_BYTES),
            },
            log_rate_limit: match chosen.log_rate_limit {
                Some(limit) => {
                    Some(NonZeroU32::new(limit).ok_or_else(|| refused("log_rate_limit", "0", RATE))?)
                }
                None => read.setting("LOG_RATE_LIMIT", RATE, rate_limit)?.flatten(),
            },
            performance_threshold: match chosen.performance_threshold {
                Some(threshold) => threshold,
                None => read
                    .setting("PERFORMANCE_LOG_THRESHOLD", THRESHOLD, threshold)?
                    .unwrap_or(Duration::from_millis(100)),
            },
            metrics_addr: match chosen.metrics_addr {
                Some(text) => address(&text).ok_or_else(|| refused("metrics_addr", &text, ADDRESS))?,
                None => read
                    .setting("METRICS_ADDR", ADDRESS, address)?
                    .unwrap_or_else(|| Some(Address::Tcp(([127, 0, 0, 1], 9464).into()))),
            },
            metrics_token: match chosen.metrics_token {
                Some(text) => Some(token("metrics_token", Some(text.expose()))?),
                None => match (read.0)("METRICS_TOKEN") {
                    // Not unset where it is empty: what was to be closed would be open.
                    Some(value) => Some(token("METRICS_TOKEN", value.to_str())?),
                    None => None,
                },
            },
        })
    }
}

/// Reads variables; an empty one counts as unset, as in `LOG_LEVEL= program`.
struct Reader<F>(F);

impl<F: Fn(&str) -> Option<OsString>> Reader<F> {
    fn setting<T>(
        &self,
        name: &'static str,
        accepted: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, Error> {
        let Some(value) = (self.0)(name).filter(|value| !value.is_empty()) else {
            return Ok(None);
        };
        let parsed = value.to_str().map(str::trim).and_then(parse);
        parsed.map(Some).ok_or_else(|| refused(name, &value.to_string_lossy(), accepted))
    }

    /// A path need not be UTF-8.
    fn path(&self, name: &'static str) -> Result<Option<PathBuf>, Error> {
        match (self.0)(name).filter(|value| !value.is_empty()) {
            Some(value) if value.as_encoded_bytes().contains(&0) => {
                Err(refused(name, &value.to_string_lossy(), DIRECTORY))
            }
            value => Ok(value.map(PathBuf::from)),
        }
    }
}

impl Kind {
    /// Directives that cannot be read, given in code.
    pub(crate) fn level(value: &str) -> Self {
        Self::Setting { name: "level", value: value.to_owned(), accepted: LEVEL }
    }
}

fn refused(name: &'static str, value: &str, accepted: &'static str) -> Error {
    Kind::Setting { name, value: value.to_owned(), accepted }.into()
}

fn checked_service(name: &str) -> Result<String, Error> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let begins = name.as_bytes().first().is_some_and(u8::is_ascii_alphanumeric);
    if begins && name.len() <= 100 && name.bytes().all(fits) {
        Ok(name.to_owned())
    } else {
        Err(Kind::Service { name: name.to_owned() }.into())
    }
}

fn overflow(text: &str) -> Option<Overflow> {
    match text.to_ascii_lowercase().as_str() {
        "block" => Some(Overflow::Block),
        "drop" => Some(Overflow::Drop),
        _ => None,
    }
}

fn durability(text: &str) -> Option<Durability> {
    match text.to_ascii_lowercase().as_str() {
        "memory" => Some(Durability::Memory),
        "spool" => Some(Durability::Spool),
        _ => None,
    }
}

fn rotation(text: &str) -> Option<LogRotation> {
    match text.to_ascii_lowercase().as_str() {
        "size" => Some(LogRotation::Size),
        "daily" => Some(LogRotation::Daily),
        "both" => Some(LogRotation::Both),
        _ => None,
    }
}

fn compress(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "gzip" => Some(true),
        "off" => Some(false),
        _ => None,
    }
}

fn switch(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "true" | "on" => Some(true),
        "0" | "false" | "off" => Some(false),
        _ => None,
    }
}

fn console(text: &str) -> Option<Console> {
    match text.to_ascii_lowercase().as_str() {
        "text" => Some(Console::Text),
        "json" => Some(Console::Json),
        "off" => Some(Console::Off),
        _ => None,
    }
}

fn log_format(text: &str) -> Option<LogFormat> {
    match text.to_ascii_lowercase().as_str() {
        "tachograph" => Some(LogFormat::Tachograph),
        "ecs" => Some(LogFormat::Ecs),
        "otel" => Some(LogFormat::Otel),
        "gcp" => Some(LogFormat::Gcp),
        _ => None,
    }
}

fn rate_limit(text: &str) -> Option<Option<NonZeroU32>> {
    if text.eq_ignore_ascii_case("off") { Some(None) } else { text.parse().ok().map(Some) }
}

fn console_by_default() -> Console {
    if std::io::stderr().is_terminal() { Console::Text } else { Console::Json }
}

fn threshold(text: &str) -> Option<Duration> {
    match text {
        "never" => Some(Duration::MAX),
        _ => duration(text),
    }
}

/// A decimal number and its unit.
fn duration(text: &str) -> Option<Duration> {
    let digits =
        text.find(|character: char| !character.is_ascii_digit() && character != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let seconds_per_unit = match unit.trim_start() {
        "ns" => 1e-9,
        "us" | "µs" | "μs" => 1e-6,
        "ms" => 1e-3,
        "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3_600.0,
        "d" => 86_400.0,
        "" if number == "0" => 1.0,
        _ => return None,
    };
    Duration::try_from_secs_f64(number.parse::<f64>().ok()? * seconds_per_unit).ok()
}

fn address(text: &str) -> Option<Option<Address>> {
    if text.eq_ignore_ascii_case("off") {
        return Some(None);
    }
    if let Some(path) = text.strip_prefix("unix:") {
        let is_path = cfg!(unix) && !path.is_empty() && !path.contains('\0');
        return is_path.then(|| Some(Address::Unix(path.into())));
    }
    text.to_socket_addrs().ok()?.next().map(|address| Some(Address::Tcp(address)))
}

/// The error does not say what was there instead.
fn token(name: &'static str, text: Option<&str>) -> Result<Token, Error> {
    text.and_then(Token::new).ok_or_else(|| Kind::Token { name }.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(variables: &[(&str, &str)]) -> Result<Settings, Error> {
        let variable =
            |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into());
        Settings::from("mirror", Chosen::default(), variable)
    }

    #[test]
    fn the_defaults_are_those_of_the_contract() {
        let settings = settings(&[]).unwrap();
        assert_eq!(settings.level.to_string(), "info");
        assert_eq!(settings.log_dir, PathBuf::from("data/logs"));
        assert_eq!((settings.log_max_bytes, settings.log_backups), (52_428_800, 10));
        assert_eq!(settings.performance_threshold, Duration::from_millis(100));
        assert_eq!(settings.metrics_addr.unwrap().to_string(), "127.0.0.1:9464");
    }

    #[test]
    fn a_format_a_length_and_a_rate_can_be_chosen() {
        let default = settings(&[]).unwrap();
        assert_eq!((default.log_format, default.max_record_bytes), (LogFormat::Tachograph, 262_144));
        assert_eq!(default.log_rate_limit, None);
        let variables = [("LOG_FORMAT", "ECS"), ("LOG_MAX_RECORD_BYTES", "4096"), ("LOG_RATE_LIMIT", "100")];
        let chosen = settings(&variables).unwrap();
        assert_eq!((chosen.log_format, chosen.max_record_bytes), (LogFormat::Ecs, 4_096));
        assert_eq!(chosen.log_rate_limit.map(NonZeroU32::get), Some(100));
        assert_eq!(settings(&[("LOG_RATE_LIMIT", "off")]).unwrap().log_rate_limit, None);
    }

    #[test]
    fn the_level_names_of_python_are_understood() {
        let level = |text| settings(&[("LOG_LEVEL", text)]).unwrap().level.to_string();
        assert_eq!(level("WARNING"), "warn");
        assert_eq!(level("CRITICAL"), "error");
        assert_eq!(level("info,hyper=WARNING"), "info,hyper=warn");
    }

    #[test]
    fn an_empty_variable_counts_as_unset() {
        assert_eq!(settings(&[("LOG_BACKUPS", "")]).unwrap().log_backups, 10);
    }

    #[test]
    fn an_unreadable_value_names_variable_value_and_what_is_accepted() {
        let cases = [
            ("LOG_LEVEL", "loud", LEVEL),
            ("LOG_LEVEL", "info,=debug=", LEVEL),
            ("LOG_MAX_BYTES", "50MB", BYTES),
            ("LOG_MAX_BYTES", "1", BYTES),
            ("LOG_BACKUPS", "-1", BACKUPS),
            ("LOG_ROTATION", "weekly", ROTATION),
            ("LOG_MAX_TOTAL_BYTES", "1GB", TOTAL),
            ("LOG_MAX_TOTAL_BYTES", "157286399", TOTAL),
            ("LOG_MAX_AGE", "30", AGE),
            ("LOG_COMPRESS", "zstd", COMPRESS),
            ("LOG_REOPEN_ON_SIGHUP", "yes", SWITCH),
            ("LOG_LEVEL_SIGNALS", "USR1", SWITCH),
            ("LOG_CONSOLE", "yes", CONSOLE),
            ("LOG_OVERFLOW", "panic", OVERFLOW),
            ("LOG_DURABILITY", "disk", DURABILITY),
            ("LOG_FORMAT", "logfmt", FORMAT),
            ("LOG_MAX_RECORD_BYTES", "1023", RECORD_BYTES),
            ("LOG_MAX_RECORD_BYTES", "256KiB", RECORD_BYTES),
            ("LOG_RATE_LIMIT", "0", RATE),
            ("LOG_RATE_LIMIT", "10/s", RATE),
            ("PERFORMANCE_LOG_THRESHOLD", "100", THRESHOLD),
            ("PERFORMANCE_LOG_THRESHOLD", "1e300s", THRESHOLD),
            ("METRICS_ADDR", "9464", ADDRESS),
            ("METRICS_ADDR", "127.0.0.1:99999", ADDRESS),
        ];
        for (name, value, accepted) in cases {
            let message = settings(&[(name, value)]).unwrap_err().to_string();
            assert_eq!(message, format!("{name} is `{value}`, which is not {accepted}"));
        }
    }

    #[test]
    fn what_is_kept_of_the_log_files_can_be_said() {
        let kept = settings(&[]).unwrap();
        assert_eq!(
            (kept.log_rotation, kept.log_max_total_bytes, kept.log_max_age),
            (LogRotation::Size, 0, None)
        );
        assert!(!kept.log_compress && !kept.log_reopen_on_sighup);
        let kept = settings(&[
            ("LOG_MAX_BYTES", "1024"),
            ("LOG_ROTATION", "Both"),
            ("LOG_MAX_TOTAL_BYTES", "3072"),
            ("LOG_MAX_AGE", "30d"),
            ("LOG_COMPRESS", "gzip"),
            ("LOG_REOPEN_ON_SIGHUP", "1"),
        ]);
        let kept = kept.unwrap();
        assert_eq!((kept.log_rotation, kept.log_max_total_bytes), (LogRotation::Both, 3_072));
        assert_eq!(kept.log_max_age, Some(Duration::from_secs(30 * 86_400)));
        assert!(kept.log_compress && kept.log_reopen_on_sighup);
        // By day alone, the current files may have any size.
        let daily = [("LOG_ROTATION", "daily"), ("LOG_MAX_TOTAL_BYTES", "1000000"), ("LOG_MAX_AGE", "0")];
        let daily = settings(&daily).unwrap();
        assert_eq!((daily.log_max_total_bytes, daily.log_max_age), (1_000_000, None));
    }

    #[test]
    fn signals_change_the_level_where_that_is_wanted() {
        assert!(!settings(&[]).unwrap().log_level_signals);
        assert!(settings(&[("LOG_LEVEL_SIGNALS", "1")]).unwrap().log_level_signals);
    }

    #[test]
    fn a_socket_has_a_path() {
        let address = |text| settings(&[("METRICS_ADDR", text)]).map(|settings| settings.metrics_addr);
        assert_eq!(address("unix:/run/a b.sock").unwrap(), Some(Address::Unix("/run/a b.sock".into())));
        assert!(address("unix:").is_err());
    }

    #[test]
    fn a_token_that_cannot_be_one_is_an_error_that_does_not_show_it() {
        assert!(settings(&[]).unwrap().metrics_token.is_none());
        assert!(settings(&[("METRICS_TOKEN", "s3cret")]).unwrap().metrics_token.is_some());
        for text in ["", "two s3crets", "s3cret\n", "\u{e4}s3cret"] {
            let message = settings(&[("METRICS_TOKEN", text)]).unwrap_err().to_string();
            assert!(message.starts_with("METRICS_TOKEN cannot be a bearer token"), "{message}");
            assert!(!message.contains("s3cret"), "{message}");
        }
        let chosen = Chosen { metrics_token: Some("s3cret".to_owned().into()), ..Chosen::default() };
        assert!(!format!("{chosen:?}").contains("s3cret"));
        let settings = Settings::from("mirror", chosen, |_| None).unwrap();
        assert!(!format!("{settings:?}").contains("s3cret"));
    }

    #[test]
    fn a_service_name_is_fit_for_a_file_name() {
        for name in ["", "../x", "a/b", "a b", ".hidden", "ä"] {
            assert!(Settings::from(name, Chosen::default(), |_| None).is_err(), "{name:?}");
        }
    }

    #[test]
    fn the_builder_wins_over_the_environment() {
        let chosen = Chosen { log_backups: Some(3), metrics_addr: Some("off".into()), ..Chosen::default() };
        let settings =
            Settings::from("mirror", chosen, |name| (name == "LOG_BACKUPS").then(|| "7".into())).unwrap();
        assert_eq!(settings.log_backups, 3);
        assert!(settings.metrics_addr.is_none());
    }
}
