//! Handles of the `metrics` facade, by the names of this page.

use metrics::{Counter, Gauge, Histogram, Key, Level, Metadata, SharedString, with_recorder};

use super::{Kind, Metric};

/// Whose handles are given now: those from before a program has a recorder do nothing, and must not be kept.
pub(crate) fn recorder() -> usize {
    with_recorder(|recorder| std::ptr::from_ref(recorder).cast::<()>().addr())
}

static METADATA: Metadata<'_> = Metadata::new("tachograph", Level::INFO, Some("tachograph"));

#[allow(dead_code, reason = "few integrations have metrics of all kinds")]
impl Metric {
    /// The series of these values, in the order of the labels. It is on the page from then on.
    pub(crate) fn counter<const LABELS: usize>(&self, values: [impl Into<SharedString>; LABELS]) -> Counter {
        let key = self.key(Kind::Counter, values);
        with_recorder(|recorder| {
            recorder.describe_counter(self.name.into(), self.unit.of_facade(), self.help.into());
            let counter = recorder.register_counter(&key, &METADATA);
            counter.increment(0);
            counter
        })
    }

    /// The same for a gauge, which is 0 until it is set.
    pub(crate) fn gauge<const LABELS: usize>(&self, values: [impl Into<SharedString>; LABELS]) -> Gauge {
        let key = self.key(Kind::Gauge, values);
        with_recorder(|recorder| {
            recorder.describe_gauge(self.name.into(), self.unit.of_facade(), self.help.into());
            recorder.register_gauge(&key, &METADATA)
        })
    }

    /// The same for a histogram.
    pub(crate) fn histogram<const LABELS: usize>(
        &self,
        values: [impl Into<SharedString>; LABELS],
    ) -> Histogram {
        let key = self.key(Kind::Histogram, values);
        with_recorder(|recorder| {
            recorder.describe_histogram(self.name.into(), self.unit.of_facade(), self.help.into());
            recorder.register_histogram(&key, &METADATA)
        })
    }

    fn key<const LABELS: usize>(&self, kind: Kind, values: [impl Into<SharedString>; LABELS]) -> Key {
        let values = values.map(Into::into);
        self.check(kind, &values);
        let labels = self.labels.iter().zip(values);
        Key::from_parts(
            self.name,
            labels.map(|(label, value)| metrics::Label::new(label.name, value)).collect::<Vec<_>>(),
        )
    }

    /// Only in tests: a program is not to be stopped by what its telemetry has wrong.
    fn check(&self, kind: Kind, values: &[SharedString]) {
        if cfg!(test) {
            assert_eq!(self.kind, kind, "{}", self.name);
            assert_eq!(self.labels.len(), values.len(), "{} has another number of labels", self.name);
            for (label, value) in self.labels.iter().zip(values) {
                assert!(label.values.contains(value), "{} with {}={value:?}", self.name, label.name);
            }
        }
    }
}
