//! The classic buckets of a histogram: their bounds, and how the label `le` says them in each format.

use std::sync::Arc;

use super::number::{Number, canonical};
use super::padded::Padded;

/// Upper bounds, and their labels, rendered once.
#[derive(Debug)]
pub(crate) struct Buckets {
    upper: Arc<[f64]>,
    text: Labels,
    open_metrics: Labels,
}

/// The end of the line of each bucket, from `le` to the blank before the value; the infinite one last.
#[derive(Debug)]
pub(crate) struct Labels {
    each: Box<[Padded]>,
    bytes: usize,
}

impl Buckets {
    /// Buckets for bounds that rise.
    pub(crate) fn new(upper: Vec<f64>) -> Self {
        let plain = |bound: &f64| {
            let mut text = Vec::new();
            bound.write(&mut text);
            String::from_utf8_lossy(&text).into_owned()
        };
        let spelled = upper.iter().map(plain).collect();
        Self::spelled(upper, spelled)
    }

    /// Buckets for bounds in nanoseconds, which the label says in seconds to the last digit.
    pub(crate) fn of_nanos(nanos: &[u64]) -> Self {
        let spelled: Vec<_> = nanos.iter().map(|&nanos| in_seconds(nanos)).collect();
        Self::spelled(nanos.iter().map(|&nanos| nanos as f64 / 1e9).collect(), spelled)
    }

    fn spelled(upper: Vec<f64>, spelled: Vec<String>) -> Self {
        Self {
            text: Labels::new(spelled),
            open_metrics: Labels::new(upper.iter().map(|&bound| canonical(bound)).collect()),
            upper: upper.into(),
        }
    }

    /// The bounds, without the infinite last.
    pub(crate) const fn upper(&self) -> &Arc<[f64]> {
        &self.upper
    }

    /// The bounds as the text format says them.
    pub(super) const fn text(&self) -> &Labels {
        &self.text
    }

    /// The bounds as OpenMetrics says them.
    pub(super) const fn open_metrics(&self) -> &Labels {
        &self.open_metrics
    }
}

impl Labels {
    fn new(spelled: Vec<String>) -> Self {
        let all = spelled.into_iter().chain(["+Inf".to_owned()]);
        let each: Box<[_]> = all.map(|le| Padded::from(format!("le=\"{le}\"}} ").as_str())).collect();
        Self { bytes: each.iter().map(|label| label.len()).sum(), each }
    }

    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = &Padded> {
        self.each.iter()
    }

    /// The length of all of them together.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }
}

fn in_seconds(nanos: u64) -> String {
    let seconds = format!("{}.{:09}", nanos / 1_000_000_000, nanos % 1_000_000_000);
    seconds.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelled(labels: &Labels) -> Vec<String> {
        let label = |label: &Padded| {
            let mut text = Vec::new();
            label.write(&mut text);
            String::from_utf8_lossy(&text).into_owned()
        };
        labels.iter().map(label).collect()
    }

    #[test]
    fn bounds_are_written_to_the_last_digit() {
        let nanos = [1, 50_000, 2_500_000_000, 30_000_000_000, 12_345_678_901_234_567, u64::MAX];
        let expected =
            ["0.000000001", "0.00005", "2.5", "30", "12345678.901234567", "18446744073.709551615", "+Inf"];
        let expected = expected.map(|le| format!("le=\"{le}\"}} "));
        assert_eq!(spelled(Buckets::of_nanos(&nanos).text()), expected);
    }

    #[test]
    fn each_format_has_its_spelling() {
        for buckets in [Buckets::new(vec![5e-5, 1.0]), Buckets::of_nanos(&[50_000, 1_000_000_000])] {
            assert_eq!(spelled(buckets.text()), ["le=\"0.00005\"} ", "le=\"1\"} ", "le=\"+Inf\"} "]);
            let open = ["le=\"5e-05\"} ", "le=\"1.0\"} ", "le=\"+Inf\"} "];
            assert_eq!(spelled(buckets.open_metrics()), open);
            assert_eq!(buckets.open_metrics().bytes(), open.concat().len());
            assert_eq!(**buckets.upper(), [5e-5, 1.0]);
        }
    }
}
