//! The two text formats: what a family begins with, and the line of a sample.

use super::buckets::{self, Buckets};
use super::exposition::{Distribution, Exemplar, Format, Kind, Labels};
use super::label_text::{escape, write_labels};
use super::number::Number;
use super::padded::Padded;

/// What a page of OpenMetrics ends with.
pub(super) const END: &[u8] = b"# EOF\n";

/// The units of OpenMetrics that a name may end in.
const UNITS: [&str; 9] =
    ["seconds", "bytes", "ratio", "celsius", "meters", "volts", "amperes", "joules", "grams"];

const COUNTER_SUFFIX: &str = "_total";

/// What a counter's family is called in OpenMetrics: there only the sample has the suffix.
pub(super) fn counter_family(name: &str) -> &str {
    name.strip_suffix(COUNTER_SUFFIX).filter(|family| !family.is_empty()).unwrap_or(name)
}

/// The name of a sample in two parts.
pub(super) fn sample_name(format: Format, name: &str, kind: Kind) -> (&str, &'static str) {
    match (format, kind) {
        (Format::OpenMetrics, Kind::Counter) => (counter_family(name), COUNTER_SUFFIX),
        _ => (name, ""),
    }
}

/// Describes a family.
pub(super) fn head(out: &mut Vec<u8>, format: Format, name: &str, kind: Kind, help: &str) {
    let is_open = format == Format::OpenMetrics;
    let (name, _) = sample_name(format, name, kind);
    if !help.is_empty() {
        write(out, &["# HELP ", name, " "]);
        escape(out, help, is_open);
        out.push(b'\n');
    }
    write(out, &["# TYPE ", name, " ", kind.as_str(), "\n"]);
    let is_of = |unit: &&&str| name.strip_suffix(**unit).is_some_and(|before| before.ends_with('_'));
    if is_open && let Some(unit) = UNITS.iter().find(is_of) {
        write(out, &["# UNIT ", name, " ", unit, "\n"]);
    }
}

/// Writes the line of a sample.
pub(super) fn sample(
    out: &mut Vec<u8>,
    (name, suffix): (&str, &str),
    labels: Labels<'_>,
    value: impl Number,
) {
    write(out, &[name, suffix]);
    match labels {
        Labels::Plain([]) | Labels::Rendered("") => {}
        Labels::Plain(labels) => {
            out.push(b'{');
            write_labels(out, labels);
            out.push(b'}');
        }
        Labels::Rendered(labels) => write(out, &["{", labels, "}"]),
    }
    out.push(b' ');
    value.write(out);
    out.push(b'\n');
}

/// Writes a line for each value of one label more, none of which needs an escape.
pub(super) fn samples_by<N: Number, const VALUES: usize>(
    out: &mut Vec<u8>,
    start_of_line: &mut Padded,
    (name, suffix): (&str, &str),
    (labels, by): (&str, &str),
    samples: [(&str, N); VALUES],
) {
    start_of_line.set(&[name, suffix, "{", labels, if labels.is_empty() { "" } else { "," }, by, "=\""]);
    for (value, number) in samples {
        start_of_line.write(out);
        out.extend_from_slice(value.as_bytes());
        out.extend_from_slice(b"\"} ");
        number.write(out);
        out.push(b'\n');
    }
}

/// Writes a histogram as the text format has it.
pub(super) fn histogram(
    out: &mut Vec<u8>,
    start_of_line: &mut Padded,
    name: &str,
    labels: &str,
    buckets: &Buckets,
    distribution: &Distribution<'_>,
) {
    let count = bucket_lines(out, start_of_line, (name, labels), buckets.text(), distribution, |_| None);
    sample(out, (name, "_sum"), Labels::Rendered(labels), distribution.sum);
    sample(out, (name, "_count"), Labels::Rendered(labels), count);
}

/// Writes a histogram as OpenMetrics has it, with exemplars. There a sum only grows: one that is negative stays away,
/// and with it the count, which the infinite bucket says as well.
pub(super) fn open_histogram(
    out: &mut Vec<u8>,
    start_of_line: &mut Padded,
    name: &str,
    labels: &str,
    buckets: &Buckets,
    distribution: &Distribution<'_>,
) {
    let exemplar = |bucket| distribution.exemplar(bucket, buckets.upper());
    let count =
        bucket_lines(out, start_of_line, (name, labels), buckets.open_metrics(), distribution, exemplar);
    if distribution.sum >= 0.0 {
        sample(out, (name, "_sum"), Labels::Rendered(labels), distribution.sum);
        sample(out, (name, "_count"), Labels::Rendered(labels), count);
    }
}

/// Writes one line a bucket; gives the count of all.
fn bucket_lines<'a>(
    out: &mut Vec<u8>,
    start_of_line: &mut Padded,
    (name, labels): (&str, &str),
    le: &buckets::Labels,
    distribution: &Distribution<'a>,
    exemplar: impl Fn(usize) -> Option<&'a Exemplar>,
) -> u64 {
    // What all lines begin with is put together once.
    start_of_line.set(&[name, "_bucket{", labels, if labels.is_empty() { "" } else { "," }]);
    const DIGITS_AND_END: usize = 21;
    out.reserve(le.bytes() + le.iter().len() * (start_of_line.len() + DIGITS_AND_END));
    let mut count = 0;
    for (bucket, (le, values)) in le.iter().zip(distribution.counts).enumerate() {
        count += values;
        start_of_line.write(out);
        le.write(out);
        count.write(out);
        if let Some(Exemplar { labels, value, timestamp }) = exemplar(bucket) {
            write(out, &[" # {", labels, "} "]);
            value.write(out);
            out.push(b' ');
            timestamp.as_secs_f64().write(out);
        }
        out.push(b'\n');
    }
    count
}

fn write(out: &mut Vec<u8>, parts: &[&str]) {
    parts.iter().for_each(|part| out.extend_from_slice(part.as_bytes()));
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::exposition::{Exposition, Large};
    use super::*;
    use crate::names::{Metric, Unit};

    fn check(format: Format, write: impl FnOnce(&mut Exposition), expected: &str) {
        let mut page = Exposition::new(format);
        write(&mut page);
        assert_eq!(String::from_utf8(page.render()).expect("a text"), expected);
    }

    fn distribution<'a>(counts: &'a [u64], sum: f64, exemplars: &'a [Exemplar]) -> Distribution<'a> {
        Distribution { counts, sum, native: None, exemplars }
    }

    #[test]
    fn families_are_sorted_and_described_once() {
        let write = |page: &mut Exposition| {
            page.family("b_total", Kind::Counter, "Bees.").sample(&[("kind", "worker")], 2);
            page.family("a_bytes", Kind::Gauge, "").sample(&[], 0.5);
            page.family("b_total", Kind::Counter, "Bees.").sample(&[("kind", "queen")], 1);
        };
        check(
            Format::Text,
            write,
            "# TYPE a_bytes gauge\na_bytes 0.5\n# HELP b_total Bees.\n# TYPE b_total counter\n\
             b_total{kind=\"worker\"} 2\nb_total{kind=\"queen\"} 1\n",
        );
        check(
            Format::OpenMetrics,
            write,
            "# TYPE a_bytes gauge\n# UNIT a_bytes bytes\na_bytes 0.5\n# HELP b Bees.\n# TYPE b counter\n\
             b_total{kind=\"worker\"} 2\nb_total{kind=\"queen\"} 1\n# EOF\n",
        );
    }

    #[test]
    fn large_families_stand_among_the_others_where_they_have_samples() {
        const fn large(name: &'static str) -> Large<u64> {
            let (kind, unit) = (Kind::Counter, Unit::Count);
            let metric = Metric { name, kind, unit, help: "", labels: &[] };
            Large { metric, write: |&number, family| family.sample(&[], number) }
        }
        let empty = Large { write: |_, _| {}, ..large("d_total") };
        let families = [large("a_total"), large("c_total"), empty, large("z_total")];
        for others in [&["b_total", "e_total"][..], &["0_total"], &[]] {
            let mut page = Exposition::new(Format::Text);
            others.iter().for_each(|name| page.family(name, Kind::Counter, "").sample(&[], 7));
            let (mut rendered, mut expected) = (Vec::new(), String::new());
            page.render_to(&mut rendered, &7, &families);
            let mut names: Vec<_> = others.iter().chain(&["a_total", "c_total", "z_total"]).collect();
            names.sort();
            names.iter().for_each(|name| expected += &format!("# TYPE {name} counter\n{name} 7\n"));
            assert_eq!(String::from_utf8(rendered).expect("a text"), expected);
        }
    }

    #[test]
    fn nothing_in_a_text_can_forge_a_line() {
        let write = |page: &mut Exposition| {
            page.family("x", Kind::Gauge, "a\nb \\n \"c\"").sample(&[("l", "a\"} 1\nx{l=\"\\")], 1);
        };
        let rest = "# TYPE x gauge\nx{l=\"a\\\"} 1\\nx{l=\\\"\\\\\"} 1\n";
        check(Format::Text, write, &format!("# HELP x a\\nb \\\\n \"c\"\n{rest}"));
        check(Format::OpenMetrics, write, &format!("# HELP x a\\nb \\\\n \\\"c\\\"\n{rest}# EOF\n"));
    }

    #[test]
    fn a_counter_without_its_suffix_gets_it_in_open_metrics() {
        let write = |page: &mut Exposition| {
            page.family("calls", Kind::Counter, "").samples_by("a=\"b\"", "outcome", [("ok", 1)]);
            page.family("cpu_seconds_total", Kind::Counter, "").samples_by("", "outcome", [("ok", 0.5)]);
        };
        check(
            Format::OpenMetrics,
            write,
            "# TYPE calls counter\ncalls_total{a=\"b\",outcome=\"ok\"} 1\n# TYPE cpu_seconds counter\n\
             # UNIT cpu_seconds seconds\ncpu_seconds_total{outcome=\"ok\"} 0.5\n# EOF\n",
        );
        assert_eq!(counter_family("_total"), "_total", "a family has a name");
    }

    #[test]
    fn a_histogram_is_cumulative_and_ends_at_its_count() {
        let write = |page: &mut Exposition| {
            let buckets = Buckets::new(vec![0.00005, 2.0]);
            let mut family = page.family("h", Kind::Histogram, "");
            family.histogram("f=\"g\"", &buckets, &distribution(&[1, 2, 3], 9.25, &[]));
        };
        check(
            Format::Text,
            write,
            "# TYPE h histogram\nh_bucket{f=\"g\",le=\"0.00005\"} 1\nh_bucket{f=\"g\",le=\"2\"} 3\n\
             h_bucket{f=\"g\",le=\"+Inf\"} 6\nh_sum{f=\"g\"} 9.25\nh_count{f=\"g\"} 6\n",
        );
        check(
            Format::OpenMetrics,
            write,
            "# TYPE h histogram\nh_bucket{f=\"g\",le=\"5e-05\"} 1\nh_bucket{f=\"g\",le=\"2.0\"} 3\n\
             h_bucket{f=\"g\",le=\"+Inf\"} 6\nh_sum{f=\"g\"} 9.25\nh_count{f=\"g\"} 6\n# EOF\n",
        );
    }

    #[test]
    fn a_sum_that_can_fall_stays_out_of_open_metrics() {
        for sum in [-0.5, f64::NAN] {
            check(
                Format::OpenMetrics,
                |page| {
                    let buckets = Buckets::new(vec![]);
                    page.family("h", Kind::Histogram, "").histogram(
                        "",
                        &buckets,
                        &distribution(&[2], sum, &[]),
                    );
                },
                "# TYPE h histogram\nh_bucket{le=\"+Inf\"} 2\n# EOF\n",
            );
        }
    }

    #[test]
    fn the_newest_exemplar_of_a_bucket_stands_behind_it() {
        let exemplar = |id: &str, value, millis| Exemplar {
            labels: format!("request_id=\"{id}\""),
            value,
            timestamp: Duration::from_millis(millis),
        };
        let exemplars = [
            exemplar("old", 1.0, 500),
            exemplar("new", 1.0, 1_500),
            exemplar("top", 2.5, 900),
            exemplar("empty", 0.25, 900),
        ];
        let write = |page: &mut Exposition| {
            let buckets = Buckets::new(vec![0.5, 1.0]);
            let mut family = page.family("h", Kind::Histogram, "");
            family.histogram("", &buckets, &distribution(&[0, 2, 1], 4.5, &exemplars));
        };
        check(
            Format::OpenMetrics,
            write,
            "# TYPE h histogram\nh_bucket{le=\"0.5\"} 0\n\
             h_bucket{le=\"1.0\"} 2 # {request_id=\"new\"} 1 1.5\n\
             h_bucket{le=\"+Inf\"} 3 # {request_id=\"top\"} 2.5 0.9\nh_sum 4.5\nh_count 3\n# EOF\n",
        );
        check(
            Format::Text,
            write,
            "# TYPE h histogram\nh_bucket{le=\"0.5\"} 0\nh_bucket{le=\"1\"} 2\nh_bucket{le=\"+Inf\"} 3\n\
             h_sum 4.5\nh_count 3\n",
        );
    }

    #[test]
    fn a_page_is_rendered_again_without_what_was() {
        let mut page = Exposition::new(Format::Text);
        page.family("a", Kind::Gauge, "").sample(&[], 1);
        page.family("b", Kind::Gauge, "").sample(&[], 1);
        page.clear();
        page.family("b", Kind::Gauge, "").sample(&[], 2);
        assert_eq!(page.render(), b"# TYPE b gauge\nb 2\n");
    }
}
