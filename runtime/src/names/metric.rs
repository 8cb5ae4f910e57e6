/// What a metric is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Only rises, but for a start of the program.
    Counter,
    /// Rises and falls.
    Gauge,
    /// Counts values by their size.
    Histogram,
}

impl Kind {
    /// As Prometheus spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// In what a metric counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Things of a kind, which the name says.
    Count,
    /// Seconds; of a time stamp those since the Unix epoch.
    Seconds,
    /// Bytes.
    Bytes,
    /// Bytes a second.
    BytesPerSecond,
    /// Always 1: what it says is in its labels.
    Info,
}

impl Unit {
    /// As the page of names spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Count => "",
            Self::Seconds => "seconds",
            Self::Bytes => "bytes",
            Self::BytesPerSecond => "bytes per second",
            Self::Info => "1",
        }
    }
}

#[cfg(any(feature = "facade", feature = "telemetry"))]
impl Unit {
    pub(super) const fn of_facade(self) -> Option<metrics::Unit> {
        match self {
            Self::Count | Self::Info => Some(metrics::Unit::Count),
            Self::Seconds => Some(metrics::Unit::Seconds),
            // It has no word for that; what counts are the bounds.
            Self::Bytes | Self::BytesPerSecond => Some(metrics::Unit::Bytes),
        }
    }
}

/// What a label can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Values {
    /// One of these and nothing else; `""` where the label says nothing.
    OneOf(&'static [&'static str]),
    /// Whatever the program has there; the text says what that is, and what bounds it.
    Any(&'static str),
}

impl Values {
    /// Whether a label may have the value.
    #[must_use]
    pub fn contains(self, value: &str) -> bool {
        match self {
            Self::OneOf(values) => values.contains(&value),
            Self::Any(_) => true,
        }
    }
}

/// A label of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label {
    /// Its name.
    pub name: &'static str,
    /// What it can be.
    pub values: Values,
}

/// A metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metric {
    /// Its name; samples of a histogram are named so with `_bucket`, `_sum` or `_count` behind it.
    pub name: &'static str,
    /// What it is.
    pub kind: Kind,
    /// In what it counts.
    pub unit: Unit,
    /// What stands behind `# HELP`.
    pub help: &'static str,
    /// The labels of each of its series.
    pub labels: &'static [Label],
}

impl Metric {
    /// The label of that name.
    #[must_use]
    pub fn label(&self, name: &str) -> Option<&'static Label> {
        self.labels.iter().find(|label| label.name == name)
    }

    /// The bound of the largest finite bucket, above which no quantile can be, where the program asks for no other bounds;
    /// none where it is no histogram.
    #[cfg(feature = "telemetry")]
    #[must_use]
    pub fn largest_bound(&self) -> Option<f64> {
        let is_histogram = self.kind == Kind::Histogram;
        is_histogram.then(|| crate::measurement::largest_bound(self.unit.of_facade())).flatten()
    }
}

/// A label whose values are closed.
pub(super) const fn one_of(name: &'static str, values: &'static [&'static str]) -> Label {
    Label { name, values: Values::OneOf(values) }
}

/// A label with values of the program.
pub(super) const fn any(name: &'static str, what: &'static str) -> Label {
    Label { name, values: Values::Any(what) }
}

pub(super) const fn counter(name: &'static str, help: &'static str, labels: &'static [Label]) -> Metric {
    Metric { name, kind: Kind::Counter, unit: Unit::Count, help, labels }
}

pub(super) const fn gauge(name: &'static str, help: &'static str, labels: &'static [Label]) -> Metric {
    Metric { name, kind: Kind::Gauge, unit: Unit::Count, help, labels }
}

/// A histogram of seconds.
pub(super) const fn durations(name: &'static str, help: &'static str, labels: &'static [Label]) -> Metric {
    Metric { name, kind: Kind::Histogram, unit: Unit::Seconds, help, labels }
}

/// A histogram of bytes.
pub(super) const fn sizes(name: &'static str, help: &'static str, labels: &'static [Label]) -> Metric {
    Metric { name, kind: Kind::Histogram, unit: Unit::Bytes, help, labels }
}

impl Metric {
    pub(super) const fn in_unit(mut self, unit: Unit) -> Self {
        self.unit = unit;
        self
    }
}
