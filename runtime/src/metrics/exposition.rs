//! The text format of Prometheus, version 0.0.4.
//!
//! <https://prometheus.io/docs/instrumenting/exposition_formats/>

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

/// Has metrics of its own for the page.
pub(crate) trait Source: Send + Sync {
    /// Adds them as they stand. Called at each scrape, on the exporter's thread.
    fn collect(&self, page: &mut Exposition);
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

/// A page under construction: families of metrics, sorted by name.
#[derive(Debug, Default)]
pub(crate) struct Exposition {
    families: BTreeMap<String, String>,
}

impl Exposition {
    /// The family of this name, to add samples to; the first who asks describes it.
    pub(crate) fn family<'a>(&'a mut self, name: &'a str, kind: Kind, help: &str) -> Family<'a> {
        if !self.families.contains_key(name) {
            self.families.insert(name.to_owned(), head(name, kind, help));
        }
        let text = self.families.entry(name.to_owned()).or_default();
        Family { name, text }
    }

    /// A family that somebody else rendered, with its head.
    pub(crate) fn rendered(&mut self, name: &str, text: String) {
        self.families.entry(name.to_owned()).or_insert(text);
    }

    /// The page.
    pub(crate) fn render(&self) -> String {
        let mut page = String::with_capacity(self.families.values().map(String::len).sum());
        self.families.values().for_each(|text| page.push_str(text));
        page
    }
}

fn head(name: &str, kind: Kind, help: &str) -> String {
    let mut text = String::new();
    if !help.is_empty() {
        let help = help.replace('\\', "\\\\").replace('\n', "\\n");
        let _ = writeln!(text, "# HELP {name} {help}");
    }
    let _ = writeln!(text, "# TYPE {name} {}", kind.as_str());
    text
}

/// All samples of one name.
#[derive(Debug)]
pub(crate) struct Family<'a> {
    name: &'a str,
    text: &'a mut String,
}

impl Family<'_> {
    /// Adds a sample.
    pub(crate) fn sample(&mut self, labels: &[(&str, &str)], value: impl Number) {
        self.sample_of(&render_labels(labels), value);
    }

    /// Adds a sample whose labels are rendered and escaped already, without braces.
    pub(crate) fn sample_of(&mut self, labels: &str, value: impl Number) {
        self.line("", labels, "", value);
    }

    /// The same, with one label more whose value needs no escape.
    pub(crate) fn sample_with(&mut self, labels: &str, (name, of): (&str, &str), value: impl Number) {
        self.line("", labels, &format!("{name}=\"{of}\""), value);
    }

    /// Adds a histogram from the counts of its buckets, one more than there are bounds. Its count is their sum.
    pub(crate) fn histogram(&mut self, labels: &str, le: &[String], counts: &[u64], sum: f64) {
        let mut count = 0;
        for (le, calls) in le.iter().zip(counts) {
            count += calls;
            self.line("_bucket", labels, le, count);
        }
        self.line("_sum", labels, "", sum);
        self.line("_count", labels, "", count);
    }

    fn line(&mut self, suffix: &str, labels: &str, last_label: &str, value: impl Number) {
        self.text.push_str(self.name);
        self.text.push_str(suffix);
        if !labels.is_empty() || !last_label.is_empty() {
            let comma = if labels.is_empty() || last_label.is_empty() { "" } else { "," };
            for part in ["{", labels, comma, last_label, "}"] {
                self.text.push_str(part);
            }
        }
        self.text.push(' ');
        value.write(self.text);
        self.text.push('\n');
    }
}

/// Labels as they stand between the braces.
pub(crate) fn render_labels(labels: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (name, value) in labels {
        if !text.is_empty() {
            text.push(',');
        }
        let _ = write!(text, "{name}=\"");
        for character in value.chars() {
            match character {
                '\\' => text.push_str("\\\\"),
                '"' => text.push_str("\\\""),
                '\n' => text.push_str("\\n"),
                other => text.push(other),
            }
        }
        text.push('"');
    }
    text
}

/// The bounds of a histogram and its `le` labels, rendered once.
#[derive(Debug)]
pub(crate) struct Buckets {
    upper: Arc<[f64]>,
    le: Vec<String>,
}

impl Buckets {
    pub(crate) fn new(upper: Vec<f64>) -> Self {
        let le = |bound: &f64| {
            let mut text = String::new();
            bound.write(&mut text);
            format!("le=\"{text}\"")
        };
        Self { le: upper.iter().chain([&f64::INFINITY]).map(le).collect(), upper: upper.into() }
    }

    /// The label of each bound, the infinite last.
    pub(crate) fn le(&self) -> &[String] {
        &self.le
    }

    /// The bounds, without the infinite last.
    pub(crate) const fn upper(&self) -> &Arc<[f64]> {
        &self.upper
    }
}

/// The `le` labels of bounds in nanoseconds, to the last digit, and of the infinite one.
pub(crate) fn le_of_nanos(upper: &[u64]) -> Vec<String> {
    let finite = upper.iter().map(|nanos| {
        let seconds = format!("{}.{:09}", nanos / 1_000_000_000, nanos % 1_000_000_000);
        format!("le=\"{}\"", seconds.trim_end_matches('0').trim_end_matches('.'))
    });
    finite.chain(["le=\"+Inf\"".to_owned()]).collect()
}

/// A value of a sample.
pub(crate) trait Number {
    fn write(&self, text: &mut String);
}

impl Number for u64 {
    fn write(&self, text: &mut String) {
        let _ = write!(text, "{self}");
    }
}

impl Number for f64 {
    fn write(&self, text: &mut String) {
        let _ = match *self {
            infinite if infinite.is_infinite() => {
                write!(text, "{}Inf", if infinite > 0.0 { '+' } else { '-' })
            }
            finite => write!(text, "{finite}"),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_are_sorted_and_described_once() {
        let mut page = Exposition::default();
        page.family("b_total", Kind::Counter, "Bees.").sample(&[("kind", "worker")], 2);
        page.family("a_bytes", Kind::Gauge, "").sample(&[], 0.5);
        page.family("b_total", Kind::Counter, "Bees.").sample(&[("kind", "queen")], 1);
        let expected = "# TYPE a_bytes gauge\na_bytes 0.5\n# HELP b_total Bees.\n# TYPE b_total counter\n\
            b_total{kind=\"worker\"} 2\nb_total{kind=\"queen\"} 1\n";
        assert_eq!(page.render(), expected);
    }

    #[test]
    fn nothing_in_a_text_can_forge_a_line() {
        let mut page = Exposition::default();
        page.family("x", Kind::Gauge, "a\nb \\n \"c\"").sample(&[("l", "a\"} 1\nx{l=\"\\")], 1);
        let expected = "# HELP x a\\nb \\\\n \"c\"\n# TYPE x gauge\nx{l=\"a\\\"} 1\\nx{l=\\\"\\\\\"} 1\n";
        assert_eq!(page.render(), expected);
    }

    #[test]
    fn a_histogram_is_cumulative_and_ends_at_its_count() {
        let mut page = Exposition::default();
        let buckets = Buckets::new(vec![0.00005, 2.5]);
        page.family("h", Kind::Histogram, "").histogram("f=\"g\"", buckets.le(), &[1, 2, 3], 9.25);
        let expected = "# TYPE h histogram\nh_bucket{f=\"g\",le=\"0.00005\"} 1\nh_bucket{f=\"g\",le=\"2.5\"} 3\n\
            h_bucket{f=\"g\",le=\"+Inf\"} 6\nh_sum{f=\"g\"} 9.25\nh_count{f=\"g\"} 6\n";
        assert_eq!(page.render(), expected);
    }

    #[test]
    fn bounds_are_written_to_the_last_digit() {
        let of = |nanos| le_of_nanos(&[nanos]).swap_remove(0);
        let cases = [1, 50_000, 2_500_000_000, 30_000_000_000, 12_345_678_901_234_567, u64::MAX];
        let expected = ["0.000000001", "0.00005", "2.5", "30", "12345678.901234567", "18446744073.709551615"];
        assert_eq!(cases.map(of), expected.map(|le| format!("le=\"{le}\"")));
        assert_eq!(le_of_nanos(&[1]).last().map(String::as_str), Some("le=\"+Inf\""));
    }

    #[test]
    fn numbers_are_written_as_prometheus_reads_them() {
        let written = |value: f64| {
            let mut text = String::new();
            value.write(&mut text);
            text
        };
        let cases = [f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 1.0, 1e21, 5e-5];
        assert_eq!(cases.map(written), ["+Inf", "-Inf", "NaN", "1", "1000000000000000000000", "0.00005"]);
    }
}
