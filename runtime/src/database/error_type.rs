//! Errors by class.

use std::io;

use sqlx::Error;
use sqlx::error::DatabaseError;

use crate::names::DB_ERROR_TYPES;

/// How an operation ended. In the order of the values of the label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ErrorType {
    None,
    Connection,
    PoolTimeout,
    PoolClosed,
    Timeout,
    Constraint,
    Serialization,
    Deadlock,
    LockWait,
    Transaction,
    Syntax,
    Permission,
    Data,
    Decode,
    Encode,
    Resource,
    Corruption,
    Configuration,
    Cancelled,
    Panic,
    Other,
}

impl ErrorType {
    pub(super) const fn as_str(self) -> &'static str {
        DB_ERROR_TYPES[self as usize]
    }

    /// That no row was found is an answer.
    pub(super) fn of(error: &Error) -> Self {
        match error {
            Error::RowNotFound => Self::None,
            Error::Database(error) => of_database(&**error),
            Error::Io(error) if error.kind() == io::ErrorKind::TimedOut => Self::Timeout,
            Error::Io(_) | Error::Tls(_) | Error::Protocol(_) | Error::WorkerCrashed => Self::Connection,
            Error::PoolTimedOut => Self::PoolTimeout,
            Error::PoolClosed => Self::PoolClosed,
            Error::ColumnNotFound(_)
            | Error::ColumnIndexOutOfBounds { .. }
            | Error::ColumnDecode { .. }
            | Error::TypeNotFound { .. }
            | Error::Decode(_) => Self::Decode,
            Error::Encode(_) => Self::Encode,
            Error::InvalidSavePointStatement | Error::BeginFailed => Self::Transaction,
            Error::Configuration(_) => Self::Configuration,
            _ => Self::Other,
        }
    }
}

/// By the code: SQLSTATE has five characters, the numbers of SQLite have fewer.
fn of_database(error: &(dyn DatabaseError + 'static)) -> ErrorType {
    let code = error.code().unwrap_or_default();
    match code.parse() {
        Ok(number) if code.len() < 5 => of_sqlite(number),
        _ => of_sqlstate(&code),
    }
}

/// <https://www.postgresql.org/docs/current/errcodes-appendix.html>, whose classes are those of the standard.
fn of_sqlstate(code: &str) -> ErrorType {
    match code {
        "40P01" => ErrorType::Deadlock,
        "55P03" => ErrorType::LockWait,
        "57014" | "25P03" | "25P04" => ErrorType::Timeout,
        "57P01" | "57P02" | "57P03" | "57P05" => ErrorType::Connection,
        "42501" | "25006" => ErrorType::Permission,
        "3D000" => ErrorType::Configuration,
        "XX001" | "XX002" => ErrorType::Corruption,
        _ => of_class(code.get(..2).unwrap_or_default()),
    }
}

fn of_class(class: &str) -> ErrorType {
    match class {
        "08" => ErrorType::Connection,
        "23" => ErrorType::Constraint,
        "40" => ErrorType::Serialization,
        "0B" | "25" | "2D" | "3B" => ErrorType::Transaction,
        "26" | "34" | "3F" | "42" => ErrorType::Syntax,
        "28" => ErrorType::Permission,
        "21" | "22" => ErrorType::Data,
        "53" | "54" | "58" => ErrorType::Resource,
        _ => ErrorType::Other,
    }
}

/// <https://www.sqlite.org/rescode.html>: the lowest eight bits are the primary code.
fn of_sqlite(code: u32) -> ErrorType {
    const BUSY_SNAPSHOT: u32 = 517;
    match code & 0xff {
        _ if code == BUSY_SNAPSHOT => ErrorType::Serialization,
        // "SQL error or missing database", and ranges of parameters.
        1 | 25 => ErrorType::Syntax,
        3 | 8 | 23 => ErrorType::Permission,
        5 | 6 => ErrorType::LockWait,
        9 => ErrorType::Timeout,
        7 | 10 | 13 => ErrorType::Resource,
        11 | 26 => ErrorType::Corruption,
        14 => ErrorType::Connection,
        18 | 20 => ErrorType::Data,
        19 => ErrorType::Constraint,
        _ => ErrorType::Other,
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::error::Error as StdError;
    use std::fmt;

    use sqlx::error::ErrorKind;

    use super::*;

    /// An error with a code and nothing else.
    #[derive(Debug)]
    struct Coded(&'static str);

    impl fmt::Display for Coded {
        fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
            out.write_str(self.0)
        }
    }

    impl StdError for Coded {}

    impl DatabaseError for Coded {
        fn message(&self) -> &str {
            self.0
        }
        fn code(&self) -> Option<Cow<'_, str>> {
            Some(Cow::Borrowed(self.0))
        }
        fn as_error(&self) -> &(dyn StdError + Send + Sync + 'static) {
            self
        }
        fn as_error_mut(&mut self) -> &mut (dyn StdError + Send + Sync + 'static) {
            self
        }
        fn into_error(self: Box<Self>) -> Box<dyn StdError + Send + Sync + 'static> {
            self
        }
        fn kind(&self) -> ErrorKind {
            ErrorKind::Other
        }
    }

    fn of_code(code: &'static str) -> &'static str {
        ErrorType::of(&Error::from(Coded(code))).as_str()
    }

    #[test]
    fn codes_of_databases_are_classes() {
        for (code, class) in [
            ("08006", "connection"),
            ("57P01", "connection"),
            ("23505", "constraint"),
            ("40001", "serialization"),
            ("40P01", "deadlock"),
            ("55P03", "lock_wait"),
            ("57014", "timeout"),
            ("25P02", "transaction"),
            ("42601", "syntax"),
            ("42P01", "syntax"),
            ("42501", "permission"),
            ("28P01", "permission"),
            ("22012", "data"),
            ("53300", "resource"),
            ("3D000", "configuration"),
            ("XX001", "corruption"),
            ("XX000", "other"),
            ("HY000", "other"),
            ("2067", "constraint"),
            ("1", "syntax"),
            ("5", "lock_wait"),
            ("517", "serialization"),
            ("1032", "permission"),
            ("13", "resource"),
            ("26", "corruption"),
            ("14", "connection"),
            ("9226", "resource"),
            ("101", "other"),
            ("", "other"),
            ("é", "other"),
        ] {
            assert_eq!(of_code(code), class, "{code}");
        }
    }

    #[test]
    fn errors_of_sqlx_itself_are_classes() {
        let refused = Error::Io(io::Error::from(io::ErrorKind::ConnectionRefused));
        let late = Error::Io(io::Error::from(io::ErrorKind::TimedOut));
        for (error, class) in [
            (refused, "connection"),
            (late, "timeout"),
            (Error::RowNotFound, ""),
            (Error::PoolTimedOut, "pool_timeout"),
            (Error::PoolClosed, "pool_closed"),
            (Error::ColumnNotFound(String::new()), "decode"),
            (Error::Encode("".into()), "encode"),
            (Error::BeginFailed, "transaction"),
            (Error::Configuration("".into()), "configuration"),
            (Error::InvalidArgument(String::new()), "other"),
        ] {
            assert_eq!(ErrorType::of(&error).as_str(), class, "{error}");
        }
    }

    #[test]
    fn each_class_has_its_own_name() {
        assert_eq!(ErrorType::Other as usize + 1, DB_ERROR_TYPES.len());
        let names = [ErrorType::None, ErrorType::Cancelled, ErrorType::Panic, ErrorType::Other];
        assert_eq!(names.map(ErrorType::as_str), ["", "cancelled", "panic", "other"]);
    }
}
