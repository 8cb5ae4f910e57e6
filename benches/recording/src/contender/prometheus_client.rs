//! `prometheus-client` by handles that were looked up once.

use std::sync::LazyLock;
use std::time::Instant;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use recording::Error;
use recording::exporter::BOUNDS;
use recording::work::{Answer, mix, wait_once};

use super::{Contender, Render, calls};

pub(crate) const CACHED: Contender = Contender {
    name: "prometheus-client",
    written: "`Instant`, cached `Histogram` and `Counter`, prometheus-client",
    packages: &["prometheus-client"],
    start,
    calls: calls!(),
};

type Labels = Vec<(&'static str, &'static str)>;

pub(crate) struct Handles {
    pub(crate) duration: Histogram,
    ok: Counter,
    error: Counter,
}

static HANDLES: LazyLock<Handles> = LazyLock::new(|| Handles::of("work"));

fn start() -> Result<Render, Error> {
    LazyLock::force(&HANDLES);
    Ok(Box::new(String::new))
}

impl Handles {
    pub(crate) fn of(function: &'static str) -> Self {
        let durations = Family::<Labels, Histogram>::new_with_constructor(|| Histogram::new(BOUNDS));
        let calls = Family::<Labels, Counter>::default();
        let labels = vec![("function", function), ("module", module_path!())];
        let outcome = |outcome| {
            let mut labels = labels.clone();
            labels.push(("outcome", outcome));
            calls.get_or_create_owned(&labels)
        };
        Self { duration: durations.get_or_create_owned(&labels), ok: outcome("ok"), error: outcome("error") }
    }

    #[inline]
    fn record(&self, started: Instant, answer: &Answer) {
        self.duration.observe(started.elapsed().as_secs_f64());
        let calls = if answer.is_ok() { &self.ok } else { &self.error };
        calls.inc();
    }
}

#[inline(never)]
fn work(number: u64) -> Answer {
    let started = Instant::now();
    let answer = mix(number);
    HANDLES.record(started, &answer);
    answer
}

async fn ready(number: u64) -> Answer {
    let started = Instant::now();
    let answer = mix(number);
    HANDLES.record(started, &answer);
    answer
}

async fn waiting(number: u64) -> Answer {
    let started = Instant::now();
    wait_once().await;
    let answer = mix(number);
    HANDLES.record(started, &answer);
    answer
}
