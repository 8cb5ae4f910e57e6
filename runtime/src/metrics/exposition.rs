//! The page under construction, in whatever format it was asked for.

use std::collections::BTreeMap;
use std::time::Duration;

use super::buckets::Buckets;
use super::number::Number;
use super::{protobuf, text};

/// Has metrics of its own for the page.
pub(crate) trait Source: Send + Sync {
    /// Adds them as they stand. Called at each scrape, on one of the exporter's threads.
    fn collect(&self, page: &mut Exposition);
}

/// How a page is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// Prometheus' text format, version 0.0.4: <https://prometheus.io/docs/instrumenting/exposition_formats/>
    Text,
    /// OpenMetrics, version 1.0: <https://prometheus.io/docs/specs/om/open_metrics_spec/>
    OpenMetrics,
    /// `io.prometheus.client.MetricFamily`, each after its length: the only format with native histograms.
    Protobuf,
}

/// What a metric is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Counter,
    Gauge,
    Histogram,
}

impl Kind {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// What a histogram has counted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Distribution<'a> {
    /// By classic bucket, not cumulative: one more than there are bounds.
    pub(crate) counts: &'a [u64],
    pub(crate) sum: f64,
    pub(crate) native: Option<Native<'a>>,
    pub(crate) exemplars: &'a [Exemplar],
}

/// The same values by native bucket: as many as the classic buckets have, or they are left out.
///
/// <https://prometheus.io/docs/specs/native_histograms/>
#[derive(Clone, Copy, Debug)]
pub(crate) struct Native<'a> {
    /// What is not above it counts as nought.
    pub(crate) zero_threshold: f64,
    pub(crate) zero_count: u64,
    /// Those of schema 3 that are not empty, in rising order, not cumulative. The upper bound of a bucket is 2 to the
    /// power of an eighth of its index.
    pub(crate) buckets: &'a [(i32, u64)],
}

/// One value of a histogram, and where it came from.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Exemplar {
    /// Rendered and escaped, of at most 128 characters.
    pub(crate) labels: String,
    pub(crate) value: f64,
    /// Since the Unix epoch.
    pub(crate) timestamp: Duration,
}

impl Distribution<'_> {
    /// How many values there are.
    pub(super) fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The newest exemplar in a bucket. None in a bucket where nothing is counted yet: recording goes on meanwhile.
    pub(super) fn exemplar(&self, bucket: usize, upper: &[f64]) -> Option<&Exemplar> {
        if self.exemplars.is_empty() || self.counts.get(bucket).is_none_or(|&count| count == 0) {
            return None;
        }
        let lower = bucket.checked_sub(1).and_then(|below| upper.get(below));
        let is_in = |exemplar: &&Exemplar| {
            lower.is_none_or(|&lower| exemplar.value > lower)
                && upper.get(bucket).is_none_or(|&upper| exemplar.value <= upper)
        };
        self.exemplars.iter().filter(is_in).max_by_key(|exemplar| exemplar.timestamp)
    }
}

/// Families of metrics, sorted by name. Rendered again after [`Exposition::clear`], it
/// allocates nothing for what it had.
#[derive(Debug)]
pub(crate) struct Exposition {
    format: Format,
    /// What is written of each family. One without anything is not on the page.
    families: BTreeMap<String, Vec<u8>>,
    scratch: Vec<u8>,
    last: protobuf::LastLabels,
}

impl Exposition {
    pub(crate) const fn new(format: Format) -> Self {
        Self { format, families: BTreeMap::new(), scratch: Vec::new(), last: protobuf::LastLabels::none() }
    }

    /// Begins a new page.
    pub(crate) fn clear(&mut self) {
        self.families.values_mut().for_each(Vec::clear);
    }

    /// Whether native buckets are worth the work.
    pub(crate) fn takes_native_buckets(&self) -> bool {
        self.format == Format::Protobuf
    }

    /// Whether exemplars are worth the work.
    pub(crate) fn takes_exemplars(&self) -> bool {
        self.format != Format::Text
    }

    /// The family of this name, to add samples to; the first who asks describes it.
    pub(crate) fn family<'a>(&'a mut self, name: &'a str, kind: Kind, help: &str) -> Family<'a> {
        let Self { format, families, scratch, last } = self;
        let out = families.entry(name.to_owned()).or_default();
        if out.is_empty() {
            match *format {
                Format::Protobuf => protobuf::head(out, name, kind, help),
                format => text::head(out, format, name, kind, help),
            }
        }
        Family { name, kind, format: *format, out, scratch, last }
    }

    /// The page.
    #[cfg(test)]
    pub(crate) fn render(&self) -> Vec<u8> {
        let mut page = Vec::new();
        self.render_to(&mut page);
        page
    }

    /// The page, in place of what `page` holds.
    pub(crate) fn render_to(&self, page: &mut Vec<u8>) {
        page.clear();
        page.reserve(self.families.values().map(|family| family.len() + 10).sum());
        for family in self.families.values().filter(|family| !family.is_empty()) {
            if self.format == Format::Protobuf {
                protobuf::varint(page, family.len() as u64);
            }
            page.extend_from_slice(family);
        }
        if self.format == Format::OpenMetrics {
            page.extend_from_slice(text::END);
        }
    }
}

/// All samples of one name.
#[derive(Debug)]
pub(crate) struct Family<'a> {
    name: &'a str,
    kind: Kind,
    format: Format,
    out: &'a mut Vec<u8>,
    scratch: &'a mut Vec<u8>,
    last: &'a mut protobuf::LastLabels,
}

/// The labels of a sample.
#[derive(Clone, Copy, Debug)]
pub(super) enum Labels<'a> {
    Plain(&'a [(&'a str, &'a str)]),
    /// Escaped, without braces.
    Rendered(&'a str),
    /// Escaped, with one more whose value needs no escape.
    And(&'a str, (&'a str, &'a str)),
}

impl Family<'_> {
    /// Adds a sample.
    pub(crate) fn sample(&mut self, labels: &[(&str, &str)], value: impl Number) {
        self.add(Labels::Plain(labels), value);
    }

    /// Adds a sample whose labels are rendered and escaped already, without braces.
    pub(crate) fn sample_of(&mut self, labels: &str, value: impl Number) {
        self.add(Labels::Rendered(labels), value);
    }

    /// The same, with one label more whose value needs no escape.
    pub(crate) fn sample_with(&mut self, labels: &str, last: (&str, &str), value: impl Number) {
        self.add(Labels::And(labels, last), value);
    }

    fn add(&mut self, labels: Labels<'_>, value: impl Number) {
        match self.format {
            Format::Protobuf => protobuf::sample(self.out, self.last, self.kind, labels, value.as_f64()),
            format => text::sample(self.out, text::sample_name(format, self.name, self.kind), labels, value),
        }
    }

    /// Adds a histogram whose labels are rendered and escaped already.
    pub(crate) fn histogram(&mut self, labels: &str, buckets: &Buckets, distribution: &Distribution<'_>) {
        match self.format {
            Format::Protobuf => protobuf::histogram(self.out, self.last, labels, buckets, distribution),
            Format::Text => text::histogram(self.out, self.scratch, self.name, labels, buckets, distribution),
            Format::OpenMetrics => {
                text::open_histogram(self.out, self.scratch, self.name, labels, buckets, distribution);
            }
        }
    }
}
