//! Where records go.

/// One place that records go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Log {
    Main = 0,
    Error = 1,
    Performance = 2,
    Console = 3,
}

impl Log {
    pub(super) const ALL: [Self; 4] = [Self::Main, Self::Error, Self::Performance, Self::Console];
    pub(super) const FILES: [Self; 3] = [Self::Main, Self::Error, Self::Performance];

    /// The value of the label `log`.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Main => "main",
            Self::Error => "error",
            Self::Performance => "performance",
            Self::Console => "console",
        }
    }

    /// The name of its file.
    pub(super) fn file_name(self, service: &str) -> String {
        match self {
            Self::Main | Self::Console => format!("{service}.log"),
            Self::Error => format!("{service}-error.log"),
            Self::Performance => format!("{service}-performance.log"),
        }
    }
}

/// All the logs that one record goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub(super) struct Route(u32);

impl Route {
    pub(super) const EVERYDAY: Self = Self(0).and(Log::Main).and(Log::Console);
    pub(super) const PERFORMANCE: Self = Self(0).and(Log::Performance);

    pub(super) const fn and(self, log: Log) -> Self {
        Self(self.0 | 1 << log as u8)
    }

    pub(super) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether a number that was found is one.
    pub(super) const fn is_valid(number: u32) -> bool {
        number != 0 && number < 1 << Log::ALL.len()
    }

    pub(super) const fn goes_to(self, log: Log) -> bool {
        self.0 & (1 << log as u8) != 0
    }
}
