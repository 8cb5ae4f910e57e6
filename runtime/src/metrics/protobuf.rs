//! The binary format: as much of protobuf as `io.prometheus.client.MetricFamily` takes.
//!
//! <https://github.com/prometheus/client_model/blob/master/io/prometheus/client/metrics.proto>,
//! <https://protobuf.dev/programming-guides/encoding/>

use super::buckets::Buckets;
use super::exposition::{Distribution, Exemplar, Kind, Labels, Native};
use super::label_text::{split, unescape};

/// The numbers of the fields, by message.
mod field {
    pub(super) const FAMILY_NAME: u32 = 1;
    pub(super) const FAMILY_HELP: u32 = 2;
    pub(super) const FAMILY_TYPE: u32 = 3;
    pub(super) const FAMILY_METRIC: u32 = 4;

    pub(super) const METRIC_LABEL: u32 = 1;
    pub(super) const METRIC_GAUGE: u32 = 2;
    pub(super) const METRIC_COUNTER: u32 = 3;
    pub(super) const METRIC_HISTOGRAM: u32 = 7;

    pub(super) const LABEL_NAME: u32 = 1;
    pub(super) const LABEL_VALUE: u32 = 2;

    /// Of a gauge and of a counter.
    pub(super) const VALUE: u32 = 1;

    pub(super) const HISTOGRAM_COUNT: u32 = 1;
    pub(super) const HISTOGRAM_SUM: u32 = 2;
    pub(super) const HISTOGRAM_BUCKET: u32 = 3;
    pub(super) const HISTOGRAM_SCHEMA: u32 = 5;
    pub(super) const HISTOGRAM_ZERO_THRESHOLD: u32 = 6;
    pub(super) const HISTOGRAM_ZERO_COUNT: u32 = 7;
    pub(super) const HISTOGRAM_POSITIVE_SPAN: u32 = 12;
    pub(super) const HISTOGRAM_POSITIVE_DELTA: u32 = 13;

    pub(super) const BUCKET_COUNT: u32 = 1;
    pub(super) const BUCKET_BOUND: u32 = 2;
    pub(super) const BUCKET_EXEMPLAR: u32 = 3;

    pub(super) const SPAN_OFFSET: u32 = 1;
    pub(super) const SPAN_LENGTH: u32 = 2;

    pub(super) const EXEMPLAR_LABEL: u32 = 1;
    pub(super) const EXEMPLAR_VALUE: u32 = 2;
    pub(super) const EXEMPLAR_TIMESTAMP: u32 = 3;

    pub(super) const TIMESTAMP_SECONDS: u32 = 1;
    pub(super) const TIMESTAMP_NANOS: u32 = 2;
}

/// The schema of native histograms: eight buckets to each power of two.
const SCHEMA: i64 = 3;

/// Describes a family.
pub(super) fn head(out: &mut Vec<u8>, name: &str, kind: Kind, help: &str) {
    bytes(out, field::FAMILY_NAME, name.as_bytes());
    if !help.is_empty() {
        bytes(out, field::FAMILY_HELP, help.as_bytes());
    }
    let number = match kind {
        Kind::Counter => 0,
        Kind::Gauge => 1,
        Kind::Histogram => 4,
    };
    integer(out, field::FAMILY_TYPE, number);
}

/// The labels that were written last, as they were rendered and as they are encoded: often the next sample has the same.
#[derive(Debug)]
pub(super) struct LastLabels {
    rendered: Vec<u8>,
    encoded: Vec<u8>,
}

impl LastLabels {
    pub(super) const fn none() -> Self {
        Self { rendered: Vec::new(), encoded: Vec::new() }
    }

    fn encoded(&mut self, rendered: &str) -> &[u8] {
        if self.rendered != rendered.as_bytes() {
            self.rendered.clear();
            self.rendered.extend_from_slice(rendered.as_bytes());
            self.encoded.clear();
            rendered_labels(&mut self.encoded, field::METRIC_LABEL, rendered);
        }
        &self.encoded
    }
}

/// Writes a counter or a gauge. It may have one label more, whose value needs no escape.
pub(super) fn sample(
    out: &mut Vec<u8>,
    last: &mut LastLabels,
    kind: Kind,
    (labels, one_more): (Labels<'_>, Option<(&str, &str)>),
    value: f64,
) {
    let field = if kind == Kind::Counter { field::METRIC_COUNTER } else { field::METRIC_GAUGE };
    message(out, field::FAMILY_METRIC, |out| {
        match labels {
            Labels::Plain(labels) => labels.iter().for_each(|&label| plain_label(out, label)),
            Labels::Rendered(labels) => out.extend_from_slice(last.encoded(labels)),
        }
        one_more.into_iter().for_each(|label| plain_label(out, label));
        message(out, field, |out| double(out, field::VALUE, value));
    });
}

/// Writes a histogram, with classic buckets and native ones.
pub(super) fn histogram(
    out: &mut Vec<u8>,
    last: &mut LastLabels,
    labels: &str,
    buckets: &Buckets,
    distribution: &Distribution<'_>,
) {
    message(out, field::FAMILY_METRIC, |out| {
        out.extend_from_slice(last.encoded(labels));
        message(out, field::METRIC_HISTOGRAM, |out| {
            let count = distribution.count();
            integer(out, field::HISTOGRAM_COUNT, count);
            double(out, field::HISTOGRAM_SUM, distribution.sum);
            classic(out, buckets, distribution);
            // Prometheus refuses the whole page for a histogram that does not add up.
            if let Some(native) = distribution.native.filter(|native| native.count() == count) {
                native_buckets(out, native);
            }
        });
    });
}

fn classic(out: &mut Vec<u8>, buckets: &Buckets, distribution: &Distribution<'_>) {
    let mut count = 0;
    let bounds = buckets.upper().iter().copied().chain([f64::INFINITY]);
    for (bucket, (bound, values)) in bounds.zip(distribution.counts).enumerate() {
        count += values;
        message(out, field::HISTOGRAM_BUCKET, |out| {
            integer(out, field::BUCKET_COUNT, count);
            double(out, field::BUCKET_BOUND, bound);
            if let Some(exemplar) = distribution.exemplar(bucket, buckets.upper()) {
                message(out, field::BUCKET_EXEMPLAR, |out| write_exemplar(out, exemplar));
            }
        });
    }
}

impl Native<'_> {
    fn count(&self) -> u64 {
        self.zero_count + self.buckets.iter().map(|(_, count)| count).sum::<u64>()
    }
}

fn native_buckets(out: &mut Vec<u8>, native: Native<'_>) {
    integer(out, field::HISTOGRAM_SCHEMA, zigzag(SCHEMA));
    double(out, field::HISTOGRAM_ZERO_THRESHOLD, native.zero_threshold);
    integer(out, field::HISTOGRAM_ZERO_COUNT, native.zero_count);
    if native.buckets.is_empty() {
        // It says that the histogram is native even where it is empty and has no threshold.
        span(out, 0, 0);
        return;
    }
    let mut end = 0;
    for run in native.buckets.chunk_by(|(index, _), (next, _)| index + 1 == *next) {
        let first = run.first().map_or(end, |(index, _)| *index);
        span(out, first - end, run.len());
        end = first + run.len() as i32;
    }
    message(out, field::HISTOGRAM_POSITIVE_DELTA, |out| {
        let mut before = 0;
        for (_, count) in native.buckets {
            varint(out, zigzag((*count as i64).wrapping_sub(before)));
            before = *count as i64;
        }
    });
}

/// A run of buckets: how many indices after the run before it begins, and how many there are.
fn span(out: &mut Vec<u8>, offset: i32, length: usize) {
    message(out, field::HISTOGRAM_POSITIVE_SPAN, |out| {
        integer(out, field::SPAN_OFFSET, zigzag(offset.into()));
        integer(out, field::SPAN_LENGTH, length as u64);
    });
}

fn write_exemplar(out: &mut Vec<u8>, Exemplar { labels, value, timestamp }: &Exemplar) {
    rendered_labels(out, field::EXEMPLAR_LABEL, labels);
    double(out, field::EXEMPLAR_VALUE, *value);
    message(out, field::EXEMPLAR_TIMESTAMP, |out| {
        integer(out, field::TIMESTAMP_SECONDS, timestamp.as_secs());
        integer(out, field::TIMESTAMP_NANOS, timestamp.subsec_nanos().into());
    });
}

fn plain_label(out: &mut Vec<u8>, (name, value): (&str, &str)) {
    message(out, field::METRIC_LABEL, |out| {
        bytes(out, field::LABEL_NAME, name.as_bytes());
        bytes(out, field::LABEL_VALUE, value.as_bytes());
    });
}

fn rendered_labels(out: &mut Vec<u8>, field: u32, labels: &str) {
    for (name, escaped) in split(labels) {
        message(out, field, |out| {
            bytes(out, field::LABEL_NAME, name.as_bytes());
            message(out, field::LABEL_VALUE, |out| unescape(out, escaped));
        });
    }
}

const VARINT: u32 = 0;
const FIXED_64: u32 = 1;
const LENGTH_DELIMITED: u32 = 2;

fn key(out: &mut Vec<u8>, field: u32, wire_type: u32) {
    varint(out, (field << 3 | wire_type).into());
}

fn integer(out: &mut Vec<u8>, field: u32, value: u64) {
    key(out, field, VARINT);
    varint(out, value);
}

fn double(out: &mut Vec<u8>, field: u32, value: f64) {
    key(out, field, FIXED_64);
    out.extend_from_slice(&value.to_le_bytes());
}

fn bytes(out: &mut Vec<u8>, field: u32, value: &[u8]) {
    key(out, field, LENGTH_DELIMITED);
    varint(out, value.len() as u64);
    out.extend_from_slice(value);
}

fn message(out: &mut Vec<u8>, field: u32, body: impl FnOnce(&mut Vec<u8>)) {
    key(out, field, LENGTH_DELIMITED);
    after_its_length(out, body);
}

/// Writes what has a length that is known only afterwards. Most are short, and need one byte for it.
pub(super) fn after_its_length(out: &mut Vec<u8>, body: impl FnOnce(&mut Vec<u8>)) {
    let at = out.len();
    out.push(0);
    body(out);
    let end = out.len();
    let length = (end - at - 1) as u64;
    if length < 0x80 {
        out[at] = length as u8;
        return;
    }
    let more = varint_length(length) - 1;
    out.resize(end + more, 0);
    out.copy_within(at + 1..end, at + 1 + more);
    let last = at + more;
    (at..last).enumerate().for_each(|(group, at)| out[at] = (length >> (7 * group)) as u8 | 0x80);
    out[last] = (length >> (7 * more)) as u8;
}

/// Seven bits a byte, the lowest first; the last byte lacks the mark.
pub(super) fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

const fn varint_length(value: u64) -> usize {
    (u64::BITS - (value | 1).leading_zeros()).div_ceil(7) as usize
}

/// Small numbers of either sign as small ones without.
const fn zigzag(value: i64) -> u64 {
    (value << 1 ^ value >> 63) as u64
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::exposition::{Exposition, Family, Format, Large};
    use super::*;
    use crate::names::{Metric, Unit};

    /// A field of a message, read back.
    #[derive(Clone, Debug, PartialEq)]
    enum Value {
        Integer(u64),
        Double(f64),
        Bytes(Vec<u8>),
    }

    fn read_varint(bytes: &mut &[u8]) -> u64 {
        let mut value = 0;
        for group in 0.. {
            let (first, rest) = bytes.split_first().expect("a whole number");
            *bytes = rest;
            value |= u64::from(first & 0x7f) << (7 * group);
            if first & 0x80 == 0 {
                break;
            }
        }
        value
    }

    fn fields(mut bytes: &[u8]) -> Vec<(u32, Value)> {
        let mut fields = Vec::new();
        while !bytes.is_empty() {
            let key = read_varint(&mut bytes) as u32;
            let value = match key & 7 {
                VARINT => Value::Integer(read_varint(&mut bytes)),
                FIXED_64 => {
                    let (value, rest) = bytes.split_first_chunk().expect("eight bytes");
                    bytes = rest;
                    Value::Double(f64::from_le_bytes(*value))
                }
                LENGTH_DELIMITED => {
                    let length = read_varint(&mut bytes) as usize;
                    let (value, rest) = bytes.split_at(length);
                    bytes = rest;
                    Value::Bytes(value.to_owned())
                }
                other => panic!("no wire type {other} is written"),
            };
            fields.push((key >> 3, value));
        }
        fields
    }

    fn inner(fields: &[(u32, Value)], number: u32) -> Vec<Vec<(u32, Value)>> {
        let of_number = fields.iter().filter(|(found, _)| *found == number);
        let inner = of_number.map(|(_, value)| match value {
            Value::Bytes(bytes) => self::fields(bytes),
            other => panic!("{other:?} is no message"),
        });
        inner.collect()
    }

    fn text(value: &str) -> Value {
        Value::Bytes(value.as_bytes().to_owned())
    }

    fn families(page: &mut Exposition) -> Vec<Vec<(u32, Value)>> {
        split_families(&page.render())
    }

    fn split_families(mut bytes: &[u8]) -> Vec<Vec<(u32, Value)>> {
        let mut families = Vec::new();
        while !bytes.is_empty() {
            let length = read_varint(&mut bytes) as usize;
            let (family, rest) = bytes.split_at(length);
            families.push(fields(family));
            bytes = rest;
        }
        families
    }

    #[test]
    fn numbers_are_as_long_as_they_must_be() {
        for (value, expected) in [(0, vec![0]), (127, vec![127]), (128, vec![0x80, 1]), (300, vec![0xac, 2])]
        {
            let mut out = Vec::new();
            varint(&mut out, value);
            assert_eq!(out, expected);
        }
        for shift in 0..64 {
            for value in [(1_u64 << shift) - 1, 1 << shift] {
                let mut out = Vec::new();
                varint(&mut out, value);
                assert_eq!((out.len(), read_varint(&mut &out[..])), (varint_length(value), value));
            }
        }
        assert_eq!([0, -1, 1, -2, i64::MAX, i64::MIN].map(zigzag), [0, 1, 2, 3, u64::MAX - 1, u64::MAX]);
    }

    #[test]
    fn a_message_of_any_length_has_its_length_before_it() {
        for length in [0, 1, 127, 128, 129, 16_383, 16_384, 2_097_152] {
            let body: Vec<u8> = (0..length).map(|at| at as u8).collect();
            let mut out = vec![7];
            message(&mut out, 4, |out| out.extend_from_slice(&body));
            assert_eq!(fields(&out[1..]), [(4, Value::Bytes(body))]);
        }
    }

    #[test]
    fn a_large_family_has_its_length_before_it() {
        const SAMPLES: usize = 100;
        let write = |(): &(), family: &mut Family<'_>| {
            (0..SAMPLES).for_each(|number| family.sample(&[("number", &number.to_string())], 1));
        };
        let (kind, unit) = (Kind::Gauge, Unit::Count);
        let metric = Metric { name: "b", kind, unit, help: "", labels: &[] };
        let large = |write| [Large { metric, write }];
        let mut page = Exposition::new(Format::Protobuf);
        let mut rendered = Vec::new();
        page.family("a", Kind::Gauge, "").sample(&[], 1);
        page.render_to(&mut rendered, &(), &large(|_, _| {}));
        assert_eq!(split_families(&rendered).len(), 1);
        page.render_to(&mut rendered, &(), &large(write));
        let families = split_families(&rendered);
        assert_eq!((families.len(), inner(&families[1], field::FAMILY_METRIC).len()), (2, SAMPLES));
    }

    #[test]
    fn counters_and_gauges_have_their_names_and_unescaped_labels() {
        let mut page = Exposition::new(Format::Protobuf);
        let mut family = page.family("calls_total", Kind::Counter, "Calls.");
        family.samples_by("path=\"C:\\\\\\\"x\\n\"", "outcome", [("ok", 3)]);
        page.family("depth", Kind::Gauge, "").sample(&[("a", "\"")], -0.5);
        let families = families(&mut page);
        assert_eq!(families[0][..3], [(1, text("calls_total")), (2, text("Calls.")), (3, Value::Integer(0))]);
        let metric = &inner(&families[0], 4)[0];
        let labels = [("path", "C:\\\"x\n"), ("outcome", "ok")];
        assert_eq!(inner(metric, 1), labels.map(|(name, value)| vec![(1, text(name)), (2, text(value))]));
        assert_eq!(inner(metric, 3), [[(1, Value::Double(3.0))]]);
        assert_eq!(families[1][..2], [(1, text("depth")), (3, Value::Integer(1))]);
        assert_eq!(inner(&inner(&families[1], 4)[0], 2), [[(1, Value::Double(-0.5))]]);
    }

    fn histogram_of(native: Option<Native<'_>>, exemplars: &[Exemplar]) -> Vec<(u32, Value)> {
        let mut page = Exposition::new(Format::Protobuf);
        let distribution = Distribution { counts: &[4, 0, 6], sum: 12.5, native, exemplars };
        page.family("h", Kind::Histogram, "").histogram(
            "f=\"g\"",
            &Buckets::new(vec![1.0, 2.0]),
            &distribution,
        );
        inner(&inner(&families(&mut page)[0], 4)[0], 7).swap_remove(0)
    }

    #[test]
    fn classic_buckets_are_cumulative() {
        let histogram = histogram_of(None, &[]);
        assert_eq!(histogram[..2], [(1, Value::Integer(10)), (2, Value::Double(12.5))]);
        let buckets = [(4, 1.0), (4, 2.0), (10, f64::INFINITY)];
        assert_eq!(
            inner(&histogram, 3),
            buckets.map(|(count, bound)| vec![(1, Value::Integer(count)), (2, Value::Double(bound))])
        );
        assert_eq!(histogram.len(), 5, "nothing native");
    }

    #[test]
    fn native_buckets_are_runs_of_differences() {
        let buckets = [(-9, 1), (-8, 2), (-5, 1), (0, 1), (1, 2), (2, 1)];
        let native = Native { zero_threshold: 0.25, zero_count: 2, buckets: &buckets };
        let histogram = histogram_of(Some(native), &[]);
        let native: Vec<_> = histogram.iter().filter(|(field, _)| *field > 3).cloned().collect();
        assert_eq!(native[..3], [(5, Value::Integer(6)), (6, Value::Double(0.25)), (7, Value::Integer(2))]);
        let spans = [(zigzag(-9), 2), (zigzag(2), 1), (zigzag(4), 3)];
        let span = |(offset, length)| vec![(1, Value::Integer(offset)), (2, Value::Integer(length))];
        assert_eq!(inner(&histogram, 12), spans.map(span));
        let deltas = [1, 1, -1, 0, 1, -1].map(|delta| zigzag(delta) as u8);
        assert_eq!(native.last(), Some(&(13, Value::Bytes(deltas.to_vec()))));
    }

    #[test]
    fn native_buckets_that_do_not_add_up_stay_away() {
        let native = Native { zero_threshold: 0.25, zero_count: 2, buckets: &[(0, 7)] };
        assert_eq!(histogram_of(Some(native), &[]), histogram_of(None, &[]));
    }

    #[test]
    fn an_empty_native_histogram_is_one_all_the_same() {
        let mut page = Exposition::new(Format::Protobuf);
        let native = Some(Native { zero_threshold: 0.0, zero_count: 0, buckets: &[] });
        let distribution = Distribution { counts: &[0], sum: 0.0, native, exemplars: &[] };
        page.family("h", Kind::Histogram, "").histogram("", &Buckets::new(vec![]), &distribution);
        let histogram = inner(&inner(&families(&mut page)[0], 4)[0], 7).swap_remove(0);
        assert_eq!(inner(&histogram, 12), [[(1, Value::Integer(0)), (2, Value::Integer(0))]]);
    }

    #[test]
    fn an_exemplar_stands_in_its_bucket() {
        let timestamp = Duration::new(1_700_000_000, 5);
        let exemplars = [Exemplar { labels: "request_id=\"order-17\"".into(), value: 2.5, timestamp }];
        let buckets = inner(&histogram_of(None, &exemplars), 3);
        assert!(inner(&buckets[0], 3).is_empty());
        let exemplar = &inner(&buckets[2], 3)[0];
        assert_eq!(inner(exemplar, 1), [[(1, text("request_id")), (2, text("order-17"))]]);
        assert_eq!(exemplar[1], (2, Value::Double(2.5)));
        assert_eq!(inner(exemplar, 3), [[(1, Value::Integer(1_700_000_000)), (2, Value::Integer(5))]]);
    }
}
