//! The metrics page: everything that has something to say, in one text.

use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;

use super::exposition::{Exposition, Format, Source};
use super::functions::{FAMILIES, Functions};
use super::process::Process;
use super::recorder::Recorder;
#[cfg(feature = "facade")]
use super::refreshed::refresh_all;
use super::registry::REGISTRY;
use crate::clock;
use crate::names::{BUILD_INFO, SCRAPE_DURATION, SERIES_DROPPED};

/// Renders the metrics page.
pub(crate) struct Page {
    functions: Functions,
    sources: Vec<Box<dyn Source>>,
    /// How long the last rendering took.
    last_ticks: AtomicU64,
    text: Mutex<Exposition>,
    open_metrics: Mutex<Exposition>,
    protobuf: Mutex<Exposition>,
}

impl Page {
    /// A page of the annotated functions, the process and what else `sources` have.
    pub(crate) fn new(sources: Vec<Box<dyn Source>>) -> Self {
        let own: [Box<dyn Source>; 1] = [Box::new(Process::new())];
        let exposition = |format| Mutex::new(Exposition::new(format));
        Self {
            functions: Functions::default(),
            sources: own.into_iter().chain(sources).collect(),
            last_ticks: AtomicU64::new(0),
            text: exposition(Format::Text),
            open_metrics: exposition(Format::OpenMetrics),
            protobuf: exposition(Format::Protobuf),
        }
    }

    /// The same, with the metrics of the `metrics` facade, whose recorder is ours from now on. Where the program has
    /// installed one before, that one stays, and its metrics are its business.
    pub(crate) fn install(mut sources: Vec<Box<dyn Source>>) -> Self {
        let recorder = Recorder::new(&REGISTRY);
        match metrics::set_global_recorder(recorder.clone()) {
            Ok(()) => sources.push(Box::new(recorder)),
            Err(_) => tracing::warn!(
                target: "tachograph",
                "the metrics facade has a recorder already: its metrics are not on this page"
            ),
        }
        Self::new(sources)
    }

    /// The page as it stands.
    pub(crate) fn render(&self, format: Format) -> Vec<u8> {
        let mut rendered = Vec::new();
        self.render_to(format, &mut rendered);
        rendered
    }

    /// The page as it stands, to be read, in place of what `text` holds.
    pub(crate) fn text_to(&self, text: &mut String) {
        let mut bytes = std::mem::take(text).into_bytes();
        self.render_to(Format::Text, &mut bytes);
        debug_assert!(std::str::from_utf8(&bytes).is_ok(), "a page is a text");
        // SAFETY: the text format writes whole `str`s one behind another, escapes in place of ASCII, and digits. To
        // check two million bytes again would take as long as to write a quarter of them.
        *text = unsafe { String::from_utf8_unchecked(bytes) };
    }

    fn render_to(&self, format: Format, rendered: &mut Vec<u8>) {
        let started = clock::ticks();
        let page = match format {
            Format::Text => &self.text,
            Format::OpenMetrics => &self.open_metrics,
            Format::Protobuf => &self.protobuf,
        };
        #[cfg(feature = "facade")]
        refresh_all();
        let mut page = page.lock();
        page.clear();
        let functions = self.functions.look(page.takes_native_buckets());
        self.sources.iter().for_each(|source| source.collect(&mut page));
        self.describe_itself(&mut page);
        page.render_to(rendered, &*functions, &FAMILIES);
        drop(functions);
        self.last_ticks.store(clock::ticks().saturating_sub(started), Ordering::Relaxed);
    }

    fn describe_itself(&self, page: &mut Exposition) {
        page.metric(&BUILD_INFO).sample(&[(BUILD_INFO.labels[0].name, env!("CARGO_PKG_VERSION"))], 1);
        page.metric(&SERIES_DROPPED).sample(&[], REGISTRY.refused());
        let last = clock::duration(self.last_ticks.load(Ordering::Relaxed));
        page.metric(&SCRAPE_DURATION).sample(&[], last.as_secs_f64());
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::super::record;
    use super::*;
    use crate::call_site::CallSite;
    use crate::names::LOG_RECORDS;
    use crate::outcome::Outcome;

    /// The samples of a page, each series with its value; fails on a series that stands there twice.
    fn samples(page: &str) -> Vec<(&str, f64)> {
        let mut seen = HashSet::new();
        let lines = page.lines().filter(|line| !line.starts_with('#'));
        let samples = lines.map(|line| {
            let (series, value) = line.rsplit_once(' ').expect("a series and a value");
            assert!(seen.insert(series), "{series} stands there twice");
            (series, value.parse().expect("a number"))
        });
        samples.collect()
    }

    impl Page {
        fn text(&self) -> String {
            let mut text = String::from("what was there before");
            self.text_to(&mut text);
            text
        }
    }

    fn value(page: &str, series: &str) -> Option<f64> {
        samples(page).into_iter().find_map(|(found, value)| (found == series).then_some(value))
    }

    #[test]
    fn a_function_is_there_at_nought_with_every_outcome() {
        static SITE: CallSite = CallSite::future("function=\"unseen\"", 1);
        REGISTRY.register(&SITE);
        let page = Page::new(Vec::new()).text();
        for outcome in ["ok", "error", "panic", "cancelled"] {
            let series = format!("function_calls_total{{function=\"unseen\",outcome=\"{outcome}\"}}");
            assert_eq!(value(&page, &series), Some(0.0), "{series}");
        }
        assert_eq!(value(&page, "function_busy_seconds_total{function=\"unseen\"}"), Some(0.0));
        assert_eq!(value(&page, "function_duration_seconds_count{function=\"unseen\"}"), Some(0.0));
    }

    #[test]
    fn only_futures_have_a_busy_time() {
        static SITE: CallSite = CallSite::function("function=\"plain\"", 1);
        record(&SITE, Outcome::Ok, 1_000_000, 0);
        let page = Page::new(Vec::new()).text();
        assert_eq!(value(&page, "function_busy_seconds_total{function=\"plain\"}"), None);
        assert_eq!(value(&page, "function_duration_seconds_sum{function=\"plain\"}"), Some(0.001));
    }

    #[test]
    fn call_sites_with_equal_labels_are_one_series() {
        static ONE: CallSite = CallSite::function("function=\"generic\"", 1);
        static TWO: CallSite = CallSite::function("function=\"generic\"", 1);
        record(&ONE, Outcome::Ok, 1, 0);
        record(&TWO, Outcome::Error, 60_000_000_000, 0);
        let page = Page::new(Vec::new()).text();
        let of = |le: &str| {
            value(&page, &format!("function_duration_seconds_bucket{{function=\"generic\",le=\"{le}\"}}"))
        };
        assert_eq!(["0.00005", "30", "+Inf"].map(of), [Some(1.0), Some(1.0), Some(2.0)]);
    }

    #[test]
    fn a_function_has_its_own_bounds_to_the_last_digit() {
        static SITE: CallSite =
            CallSite::function("function=\"own_bounds\"", 1).buckets(&[1_500, 2_000_000_000, 90_000_000_001]);
        record(&SITE, Outcome::Ok, 2_000_000_000, 0);
        let page = Page::new(Vec::new()).text();
        let series = |line: &&str| line.contains("{function=\"own_bounds\"") && line.contains("_bucket");
        let bounds: Vec<_> =
            page.lines().filter(series).filter_map(|line| line.split("le=").nth(1)).collect();
        assert_eq!(bounds, ["\"0.0000015\"} 0", "\"2\"} 1", "\"90.000000001\"} 1", "\"+Inf\"} 1"]);
    }

    #[test]
    fn only_those_who_ask_have_a_gauge() {
        static GAUGED: CallSite = CallSite::function("function=\"gauged_page\"", 1).in_flight();
        static PLAIN: CallSite = CallSite::function("function=\"plain_page\"", 1);
        let calls = [GAUGED.start(), GAUGED.start(), PLAIN.start()];
        REGISTRY.register(&PLAIN);
        let page = Page::new(Vec::new()).text();
        assert_eq!(value(&page, "function_in_flight{function=\"gauged_page\"}"), Some(2.0));
        assert_eq!(value(&page, "function_in_flight{function=\"plain_page\"}"), None);
        drop(calls);
        let page = Page::new(Vec::new()).text();
        assert_eq!(value(&page, "function_in_flight{function=\"gauged_page\"}"), Some(0.0));
    }

    #[test]
    fn a_sampled_function_counts_calls_that_its_histogram_does_not() {
        static SITE: CallSite = CallSite::function("function=\"sampled_page\"", 1).sample(5);
        (0..10).for_each(|_| SITE.start().finish(Outcome::Error));
        let page = Page::new(Vec::new()).text();
        let calls = "function_calls_total{function=\"sampled_page\",outcome=\"error\"}";
        assert_eq!(value(&page, calls), Some(10.0));
        assert_eq!(value(&page, "function_duration_seconds_count{function=\"sampled_page\"}"), Some(2.0));
    }

    #[test]
    fn the_last_bucket_is_the_count_while_threads_record() {
        static SITE: CallSite = CallSite::function("function=\"busy_page\"", 1);
        let page = Page::new(Vec::new());
        std::thread::scope(|scope| {
            let writer =
                scope.spawn(|| (0..200_000).for_each(|call| record(&SITE, Outcome::Ok, call * 1_000, 0)));
            while !writer.is_finished() {
                let text = page.text();
                let count = value(&text, "function_duration_seconds_count{function=\"busy_page\"}");
                let calls = value(&text, "function_calls_total{function=\"busy_page\",outcome=\"ok\"}");
                assert_eq!(
                    value(&text, "function_duration_seconds_bucket{function=\"busy_page\",le=\"+Inf\"}"),
                    count
                );
                assert_eq!(calls, count, "both come from one look at the cells");
            }
        });
    }

    #[test]
    fn sources_and_the_page_itself_have_their_say() {
        struct Logs;
        impl Source for Logs {
            fn collect(&self, page: &mut Exposition) {
                page.metric(&LOG_RECORDS).sample(&[("log", "main")], 3);
            }
        }
        let page = Page::new(vec![Box::new(Logs)]);
        let (first, second) = (page.text(), page.text());
        assert_eq!(value(&first, "tachograph_log_records_total{log=\"main\"}"), Some(3.0));
        assert_eq!(value(&first, "tachograph_scrape_duration_seconds"), Some(0.0));
        assert!(value(&second, "tachograph_scrape_duration_seconds") > Some(0.0));
        assert!(first.contains("\ntachograph_build_info{version=\""), "{first}");
    }
}
