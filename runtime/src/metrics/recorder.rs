//! The program's own counters, gauges and histograms, from the `metrics` facade.
//!
//! Counters and gauges are kept and rendered by `metrics-exporter-prometheus`. Histograms are ours: there every value
//! is buffered until a scrape, some are lost between threads, and without a scrape memory has no bound.

use std::collections::HashMap;
use std::sync::Arc;

use metrics::{Counter, Gauge, Histogram, Key, KeyName, Label, Metadata, SharedString, Unit};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusRecorder};
use parking_lot::{Mutex, RwLock};

use super::cardinality::{Cardinality, Made, Make, Room};
use super::cells::Reader;
use super::exposition::{Exposition, Kind, Source};
use super::histogram::Histograms;
use super::label_text::render_labels;
use super::names::{Names, Refusal, Sanitized, sanitize, sanitize_name};
use super::registry::Registry;

/// The recorder of the facade, and the source of its metrics on the page.
#[derive(Clone)]
pub(crate) struct Recorder(Arc<Inner>);

struct Inner {
    registry: &'static Registry,
    prometheus: PrometheusRecorder,
    histograms: Histograms,
    /// Of counters and gauges, by name.
    descriptions: Mutex<HashMap<String, String>>,
    names: Mutex<Names>,
    cardinality: Mutex<Cardinality>,
    counters: Handles<Counter>,
    gauges: Handles<Gauge>,
    histogram_handles: Handles<Histogram>,
}

impl Recorder {
    pub(crate) fn new(registry: &'static Registry) -> Self {
        Self(Arc::new(Inner {
            registry,
            prometheus: PrometheusBuilder::new().build_recorder(),
            histograms: Histograms::default(),
            descriptions: Mutex::default(),
            names: Mutex::default(),
            cardinality: Mutex::default(),
            counters: Handles::default(),
            gauges: Handles::default(),
            histogram_handles: Handles::default(),
        }))
    }
}

impl metrics::Recorder for Recorder {
    fn describe_counter(&self, name: KeyName, _unit: Option<Unit>, help: SharedString) {
        self.0.describe(name, help);
    }

    fn describe_gauge(&self, name: KeyName, _unit: Option<Unit>, help: SharedString) {
        self.0.describe(name, help);
    }

    fn describe_histogram(&self, name: KeyName, unit: Option<Unit>, help: SharedString) {
        self.0.histograms.describe(sanitize_name(name.as_str()), unit, help.into_owned());
    }

    fn register_counter(&self, key: &Key, metadata: &Metadata<'_>) -> Counter {
        let make = |series: Sanitized, room: Room<'_>| {
            room().map(|_| self.0.prometheus.register_counter(&exporter_key(series), metadata))
        };
        self.0.handle(key, Kind::Counter, &self.0.counters, &make).unwrap_or_else(Counter::noop)
    }

    fn register_gauge(&self, key: &Key, metadata: &Metadata<'_>) -> Gauge {
        let make = |series: Sanitized, room: Room<'_>| {
            room().map(|_| self.0.prometheus.register_gauge(&exporter_key(series), metadata))
        };
        self.0.handle(key, Kind::Gauge, &self.0.gauges, &make).unwrap_or_else(Gauge::noop)
    }

    fn register_histogram(&self, key: &Key, _metadata: &Metadata<'_>) -> Histogram {
        let make = |Sanitized { name, labels }: Sanitized, room: Room<'_>| {
            let labels: Vec<_> =
                labels.iter().map(|(label, value)| (label.as_str(), value.as_str())).collect();
            let histogram = self.0.histograms.get(room, name, render_labels(&labels))?;
            Some(Histogram::from_arc(Arc::new(histogram)))
        };
        self.0.handle(key, Kind::Histogram, &self.0.histogram_handles, &make).unwrap_or_else(Histogram::noop)
    }
}

impl Inner {
    /// What a counter or a gauge means; the first word counts.
    fn describe(&self, name: KeyName, help: SharedString) {
        self.descriptions.lock().entry(sanitize_name(name.as_str())).or_insert_with(|| help.into_owned());
    }

    /// The name and labels of a metric on the page, if it may stand there.
    fn checked(&self, key: &Key, kind: Kind) -> Result<Sanitized, Refusal> {
        let sanitized = sanitize(key.name(), key.labels().map(|label| (label.key(), label.value())), kind)?;
        self.names.lock().take(&sanitized.name, kind)?;
        Ok(sanitized)
    }

    /// The handle of a series; that of all further series of the metric, or none, where there is no room. Either is
    /// counted, and said once for a name. No lock is held then: whoever hears the warning may use the facade.
    fn handle<H: Clone>(&self, key: &Key, kind: Kind, handles: &Handles<H>, make: Make<'_, H>) -> Option<H> {
        // Whoever has cells has a number, which is also an admission.
        let room = || match kind {
            Kind::Histogram => self.registry.number(),
            Kind::Counter | Kind::Gauge => self.registry.admit().then_some(0),
        };
        let made = handles.get_or_make(key, || {
            let asked = self.checked(key, kind)?;
            self.cardinality.lock().make(asked, &room, make)
        });
        let (handle, refusal) = match made {
            Ok(Made::Own(handle)) => return Some(handle),
            Ok(Made::Overflow(handle, refusal)) => (Some(handle), refusal),
            Err(refusal) => (None, refusal),
        };
        // Whoever found no room in the registry is counted there.
        if refusal != Refusal::TooMany {
            self.registry.refuse();
        }
        let is_news = self.names.lock().is_news(key.name());
        if is_news {
            let message =
                if handle.is_some() { "series folded into `__overflow__`" } else { "metric refused" };
            tracing::warn!(target: "tachograph", metric = key.name(), reason = %refusal, "{message}");
        }
        handle
    }
}

/// The key under which the exporter keeps a counter or gauge.
fn exporter_key(Sanitized { name, labels }: Sanitized) -> Key {
    let labels = labels.into_iter().map(|(label, value)| Label::new(label, double_backslashes(&value)));
    Key::from_parts(name, labels.collect::<Vec<_>>())
}

impl Source for Recorder {
    fn collect(&self, page: &mut Exposition) {
        self.0.histograms.expose(&Reader::new(), page);
        let descriptions = self.0.descriptions.lock();
        for family in self.0.prometheus.handle().render().split("\n\n") {
            expose_rendered(family, &descriptions, page);
        }
    }
}

/// Puts a family that `metrics-exporter-prometheus` rendered into its place on the page, in an order that stays.
fn expose_rendered(family: &str, descriptions: &HashMap<String, String>, page: &mut Exposition) {
    let kind = family.lines().find_map(|line| line.strip_prefix("# TYPE "));
    let (name, kind) = match kind.and_then(|kind| kind.split_once(' ')) {
        Some((name, "counter")) => (name, Kind::Counter),
        Some((name, "gauge")) => (name, Kind::Gauge),
        _ => return,
    };
    let mut samples: Vec<_> =
        family.lines().filter_map(|line| parse_sample(line.strip_prefix(name)?)).collect();
    samples.sort_unstable();
    let mut exposed = page.family(name, kind, descriptions.get(name).map_or("", String::as_str));
    for (labels, value) in samples {
        // A counter is a whole number, and may be a larger one than a float can say.
        match value.parse::<u64>() {
            Ok(value) => exposed.sample_of(labels, value),
            Err(_) => exposed.sample_of(labels, value.parse().unwrap_or(f64::NAN)),
        }
    }
}

/// The labels and the value of a sample, from behind its name.
fn parse_sample(line: &str) -> Option<(&str, &str)> {
    let (labels, value) = line.rsplit_once(' ')?;
    match labels.strip_prefix('{') {
        Some(labels) => Some((labels.strip_suffix('}')?, value)),
        None => labels.is_empty().then_some(("", value)),
    }
}

/// `metrics-exporter-prometheus` takes two backslashes for one that is escaped already, so that two values which
/// differ there would be one series twice. Of doubled ones it leaves every one.
fn double_backslashes(text: &str) -> String {
    text.replace('\\', "\\\\")
}

/// The handles given out, by the key as it was asked for.
struct Handles<H>(RwLock<HashMap<Key, H>>);

impl<H> Default for Handles<H> {
    fn default() -> Self {
        Self(RwLock::default())
    }
}

impl<H: Clone> Handles<H> {
    /// Only a series of its own is remembered: of what folds into another there is no end.
    fn get_or_make(
        &self,
        key: &Key,
        make: impl FnOnce() -> Result<Made<H>, Refusal>,
    ) -> Result<Made<H>, Refusal> {
        if let Some(handle) = self.0.read().get(key) {
            return Ok(Made::Own(handle.clone()));
        }
        let mut handles = self.0.write();
        if let Some(handle) = handles.get(key) {
            return Ok(Made::Own(handle.clone()));
        }
        let made = make()?;
        if let Made::Own(handle) = &made {
            handles.insert(key.to_retained(), handle.clone());
        }
        Ok(made)
    }
}

/// What stands on the page after a part of a program, whose metrics nobody else sees.
#[cfg(test)]
pub(crate) fn page_after(program: impl FnOnce()) -> String {
    let recorder = Recorder::new(&super::registry::REGISTRY);
    metrics::with_local_recorder(&recorder, program);
    let mut page = Exposition::new(super::exposition::Format::Text);
    recorder.collect(&mut page);
    String::from_utf8_lossy(&page.render()).into_owned()
}

#[cfg(test)]
mod tests {
    use metrics::{counter, describe_counter, describe_histogram, gauge, histogram, with_local_recorder};

    use super::super::cardinality::MAX_SETS;
    use super::super::exposition::Format;
    use super::super::registry::REGISTRY;
    use super::*;

    fn page_of(recorder: &Recorder, format: Format) -> String {
        let mut page = Exposition::new(format);
        recorder.collect(&mut page);
        String::from_utf8(page.render()).unwrap()
    }

    fn check(program: impl FnOnce(), expected: &str) {
        assert_eq!(page_after(program), expected);
    }

    #[test]
    fn counters_and_gauges_stand_on_the_page() {
        check(
            || {
                describe_counter!("files_total", "Files, \\ and all.");
                counter!("files_total", "kind" => "zip").increment(2);
                counter!("files_total", "kind" => "tar").increment(1);
                gauge!("depth").set(1.5);
            },
            "# TYPE depth gauge\ndepth 1.5\n# HELP files_total Files, \\\\ and all.\n# TYPE files_total counter\n\
             files_total{kind=\"tar\"} 1\nfiles_total{kind=\"zip\"} 2\n",
        );
    }

    #[test]
    fn a_histogram_is_cumulative_with_the_bounds_of_its_unit() {
        let page = page_after(|| {
            describe_histogram!("size_bytes", Unit::Bytes, "How large.");
            histogram!("size_bytes", "kind" => "a\"b").record(65.0);
            histogram!("size_bytes", "kind" => "a\"b").record(64.0);
        });
        assert!(page.starts_with("# HELP size_bytes How large.\n# TYPE size_bytes histogram\n"), "{page}");
        for line in [
            r#"size_bytes_bucket{kind="a\"b",le="64"} 1"#,
            r#"size_bytes_bucket{kind="a\"b",le="256"} 2"#,
            r#"size_bytes_bucket{kind="a\"b",le="+Inf"} 2"#,
            r#"size_bytes_sum{kind="a\"b"} 129"#,
            r#"size_bytes_count{kind="a\"b"} 2"#,
        ] {
            assert!(page.lines().any(|found| found == line), "no {line} in\n{page}");
        }
    }

    #[test]
    fn spellings_and_orders_of_one_series_are_one_line() {
        check(
            || {
                counter!("a.b", "x" => "1", "y.z" => "2").increment(1);
                counter!("a_b", "y_z" => "2", "x" => "1").increment(1);
                counter!("a-b", "y-z" => "2", "x" => "1").increment(1);
            },
            "# TYPE a_b counter\na_b{x=\"1\",y_z=\"2\"} 3\n",
        );
    }

    #[test]
    fn values_that_differ_in_backslashes_are_two_series() {
        check(
            || {
                gauge!("g", "path" => r"C:\x").set(1);
                gauge!("g", "path" => r"C:\\x").set(2);
                gauge!("g", "path" => "C:\\\n\"").set(3);
            },
            "# TYPE g gauge\ng{path=\"C:\\\\\\\\x\"} 2\ng{path=\"C:\\\\\\n\\\"\"} 3\ng{path=\"C:\\\\x\"} 1\n",
        );
    }

    #[test]
    fn what_collides_is_refused_and_does_nothing() {
        let refused = REGISTRY.refused();
        check(
            || {
                counter!("calls").increment(1);
                gauge!("calls").set(7);
                histogram!("calls").record(7.0);
                counter!("function_calls_total").increment(7);
                counter!("tachograph_mine_total").increment(7);
                gauge!("process_open_fds").set(7);
                gauge!("g", "a.b" => "1", "a_b" => "2").set(7);
                counter!("").increment(7);
            },
            "# TYPE calls counter\ncalls 1\n",
        );
        assert!(REGISTRY.refused() >= refused + 7);
    }

    #[test]
    fn open_metrics_names_counters_by_their_suffix() {
        let recorder = Recorder::new(&REGISTRY);
        with_local_recorder(&recorder, || {
            describe_counter!("jobs", "Jobs.");
            counter!("jobs", "kind" => "a } \"b\"").increment(u64::MAX);
            counter!("jobs_total").increment(7);
            gauge!("depth").set(f64::INFINITY);
        });
        assert_eq!(
            page_of(&recorder, Format::OpenMetrics),
            "# TYPE depth gauge\ndepth +Inf\n# HELP jobs Jobs.\n# TYPE jobs counter\n\
             jobs_total{kind=\"a } \\\"b\\\"\"} 18446744073709551615\n# EOF\n"
        );
    }

    #[test]
    fn further_sets_of_labels_of_a_metric_fold_into_one_series() {
        let refused = REGISTRY.refused();
        let page = page_after(|| {
            for user in 0..MAX_SETS + 7 {
                histogram!("request_seconds", "user" => user.to_string()).record(1.0);
                counter!("requests_total", "user" => user.to_string(), "kind" => "x").increment(1);
            }
            counter!("requests_total", "user" => "0", "kind" => "x").increment(1);
            counter!("requests_total", "other" => "1").increment(1);
        });
        for line in [
            "request_seconds_count{user=\"0\"} 1\n",
            "request_seconds_count{user=\"__overflow__\"} 7\n",
            "requests_total{kind=\"x\",user=\"0\"} 2\n",
            "requests_total{kind=\"x\",user=\"9999\"} 1\n",
            "requests_total{kind=\"__overflow__\",user=\"__overflow__\"} 8\n",
        ] {
            assert!(page.contains(line), "no {line}");
        }
        assert_eq!(page.matches("request_seconds_count{").count(), MAX_SETS + 1);
        assert_eq!(page.matches("requests_total{").count(), MAX_SETS + 1);
        assert!(REGISTRY.refused() >= refused + 15);
    }

    #[test]
    fn where_all_room_is_taken_a_metric_with_labels_has_its_series_for_the_rest() {
        static SMALL: Registry = Registry::new(5);
        let recorder = Recorder::new(&SMALL);
        with_local_recorder(&recorder, || {
            gauge!("depth", "queue" => "a").set(1);
            for user in 0..10 {
                counter!("visits_total", "user" => user.to_string()).increment(1);
            }
            gauge!("depth", "queue" => "b").set(2);
            counter!("late_total", "user" => "0").increment(1);
            counter!("later_total").increment(1);
        });
        assert_eq!(
            page_of(&recorder, Format::Text),
            "# TYPE depth gauge\ndepth{queue=\"__overflow__\"} 2\ndepth{queue=\"a\"} 1\n\
             # TYPE visits_total counter\nvisits_total{user=\"0\"} 1\nvisits_total{user=\"1\"} 1\n\
             visits_total{user=\"__overflow__\"} 8\n"
        );
        assert_eq!(SMALL.refused(), 11);
    }

    #[test]
    fn a_refusal_is_said_once_for_a_name() {
        use std::sync::atomic::{AtomicUsize, Ordering};

        /// Uses the facade while it hears a warning, as a layer that counts events does.
        struct Ears(Arc<AtomicUsize>);
        impl tracing::Subscriber for Ears {
            fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
                metadata.target() == "tachograph"
            }
            fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
                tracing::span::Id::from_u64(1)
            }
            fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
            fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
            fn event(&self, _: &tracing::Event<'_>) {
                self.0.fetch_add(1, Ordering::Relaxed);
                counter!("process_open_fds").increment(1);
                counter!("warnings_total").increment(1);
            }
            fn enter(&self, _: &tracing::span::Id) {}
            fn exit(&self, _: &tracing::span::Id) {}
        }

        let heard = Arc::new(AtomicUsize::new(0));
        let page = tracing::subscriber::with_default(Ears(Arc::clone(&heard)), || {
            page_after(|| {
                for value in 0..10 {
                    counter!("process_open_fds", "value" => value.to_string()).increment(1);
                    gauge!("tachograph_x").set(1);
                }
            })
        });
        assert_eq!(heard.load(Ordering::Relaxed), 2);
        assert_eq!(page, "# TYPE warnings_total counter\nwarnings_total 2\n");
    }

    #[test]
    fn threads_that_ask_at_once_get_one_series() {
        let recorder = Recorder::new(&REGISTRY);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    with_local_recorder(&recorder, || {
                        for round in 0..1_000 {
                            counter!("c", "round" => (round % 10).to_string()).increment(1);
                            histogram!("h", "round" => (round % 10).to_string()).record(0.001);
                        }
                    });
                });
            }
        });
        let page = page_of(&recorder, Format::Text);
        for round in 0..10 {
            assert!(page.contains(&format!("c{{round=\"{round}\"}} 400\n")), "{page}");
            assert!(page.contains(&format!("h_count{{round=\"{round}\"}} 400\n")), "{page}");
        }
    }
}
