//! The page under construction, in whatever format it was asked for.

use std::collections::BTreeMap;
use std::time::Duration;

use super::buckets::Buckets;
use super::number::Number;
use super::padded::Padded;
use super::{protobuf, text};
pub(crate) use crate::names::Kind;
use crate::names::Metric;

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

/// A family of which there may be very much: it is written where it stands on the page, and never copied there.
pub(crate) struct Large<T> {
    pub(crate) metric: Metric,
    /// Adds its samples. Without any the family is not on the page.
    pub(crate) write: fn(&T, &mut Family<'_>),
}

/// Families of metrics, sorted by name. Rendered again after [`Exposition::clear`], it
/// allocates nothing for what it had.
#[derive(Debug)]
pub(crate) struct Exposition {
    format: Format,
    /// What is written of each family. One without anything is not on the page.
    families: BTreeMap<String, Vec<u8>>,
    tools: Tools,
    /// Of the page before.
    length: usize,
}

/// What is used for one sample after another.
#[derive(Debug)]
struct Tools {
    start_of_line: Padded,
    last: protobuf::LastLabels,
}

impl Exposition {
    pub(crate) const fn new(format: Format) -> Self {
        let tools = Tools { start_of_line: Padded::new(), last: protobuf::LastLabels::none() };
        Self { format, families: BTreeMap::new(), tools, length: 0 }
    }

    /// Begins a new page.
    pub(crate) fn clear(&mut self) {
        self.families.values_mut().for_each(Vec::clear);
    }

    /// Whether native buckets are worth the work.
    pub(crate) fn takes_native_buckets(&self) -> bool {
        self.format == Format::Protobuf
    }

    /// The family of this name, to add samples to; the first who asks describes it.
    pub(crate) fn family<'a>(&'a mut self, name: &'a str, kind: Kind, help: &str) -> Family<'a> {
        let Self { format, families, tools, .. } = self;
        let out = families.entry(name.to_owned()).or_default();
        let is_new = out.is_empty();
        let mut family = Family { name, kind, format: *format, out, tools };
        if is_new {
            family.describe(help);
        }
        family
    }

    /// The family of a metric of ours.
    pub(crate) fn metric<'a>(&'a mut self, metric: &'a Metric) -> Family<'a> {
        self.family(metric.name, metric.kind, metric.help)
    }

    /// The page.
    #[cfg(test)]
    pub(crate) fn render(&mut self) -> Vec<u8> {
        let mut page = Vec::new();
        self.render_to(&mut page, &(), &[]);
        page
    }

    /// The page, in place of what `page` holds, with large families from `source`, which are sorted as well.
    pub(crate) fn render_to<T>(&mut self, page: &mut Vec<u8>, source: &T, large: &[Large<T>]) {
        page.clear();
        page.reserve(self.length);
        let Self { format, families, tools, .. } = self;
        let mut large = large.iter().peekable();
        for (name, family) in families.iter().filter(|(_, family)| !family.is_empty()) {
            while let Some(large) = large.next_if(|large| large.metric.name < name.as_str()) {
                large.write(page, *format, tools, source);
            }
            if *format == Format::Protobuf {
                protobuf::varint(page, family.len() as u64);
            }
            page.extend_from_slice(family);
        }
        large.for_each(|large| large.write(page, *format, tools, source));
        if self.format == Format::OpenMetrics {
            page.extend_from_slice(text::END);
        }
        self.length = page.len();
    }
}

impl<T> Large<T> {
    fn write(&self, page: &mut Vec<u8>, format: Format, tools: &mut Tools, source: &T) {
        let start = page.len();
        let mut is_empty = true;
        let mut write = |out: &mut Vec<u8>| {
            let Metric { name, kind, help, .. } = self.metric;
            let mut family = Family { name, kind, format, out, tools };
            family.describe(help);
            let described = family.out.len();
            (self.write)(source, &mut family);
            is_empty = family.out.len() == described;
        };
        match format {
            Format::Protobuf => protobuf::after_its_length(page, write),
            Format::Text | Format::OpenMetrics => write(page),
        }
        if is_empty {
            page.truncate(start);
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
    tools: &'a mut Tools,
}

/// The labels of a sample.
#[derive(Clone, Copy, Debug)]
pub(super) enum Labels<'a> {
    Plain(&'a [(&'a str, &'a str)]),
    /// Escaped, without braces.
    Rendered(&'a str),
}

impl Family<'_> {
    /// Whether exemplars are worth the work.
    pub(crate) fn takes_exemplars(&self) -> bool {
        self.format != Format::Text
    }

    /// Whether native buckets are worth the work.
    pub(crate) fn takes_native_buckets(&self) -> bool {
        self.format == Format::Protobuf
    }

    /// Adds a sample.
    pub(crate) fn sample(&mut self, labels: &[(&str, &str)], value: impl Number) {
        self.add(Labels::Plain(labels), value);
    }

    /// Adds a sample whose labels are rendered and escaped already, without braces.
    pub(crate) fn sample_of(&mut self, labels: &str, value: impl Number) {
        self.add(Labels::Rendered(labels), value);
    }

    /// Adds a sample for each value of one label more, none of which needs an escape.
    pub(crate) fn samples_by<N: Number, const VALUES: usize>(
        &mut self,
        labels: &str,
        by: &str,
        samples: [(&str, N); VALUES],
    ) {
        match self.format {
            Format::Protobuf => {
                for (value, number) in samples {
                    let more = Some((by, value));
                    let (last, value) = (&mut self.tools.last, number.as_f64());
                    protobuf::sample(self.out, last, self.kind, (Labels::Rendered(labels), more), value);
                }
            }
            format => {
                let name = text::sample_name(format, self.name, self.kind);
                text::samples_by(self.out, &mut self.tools.start_of_line, name, (labels, by), samples);
            }
        }
    }

    fn describe(&mut self, help: &str) {
        match self.format {
            Format::Protobuf => protobuf::head(self.out, self.name, self.kind, help),
            format => text::head(self.out, format, self.name, self.kind, help),
        }
    }

    fn add(&mut self, labels: Labels<'_>, value: impl Number) {
        match self.format {
            Format::Protobuf => {
                protobuf::sample(self.out, &mut self.tools.last, self.kind, (labels, None), value.as_f64())
            }
            format => text::sample(self.out, text::sample_name(format, self.name, self.kind), labels, value),
        }
    }

    /// Adds a histogram whose labels are rendered and escaped already.
    pub(crate) fn histogram(&mut self, labels: &str, buckets: &Buckets, distribution: &Distribution<'_>) {
        let tools = &mut *self.tools;
        match self.format {
            Format::Protobuf => protobuf::histogram(self.out, &mut tools.last, labels, buckets, distribution),
            Format::Text => {
                text::histogram(self.out, &mut tools.start_of_line, self.name, labels, buckets, distribution)
            }
            Format::OpenMetrics => {
                text::open_histogram(
                    self.out,
                    &mut tools.start_of_line,
                    self.name,
                    labels,
                    buckets,
                    distribution,
                );
            }
        }
    }
}
