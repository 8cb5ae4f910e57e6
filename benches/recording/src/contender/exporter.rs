//! `metrics-exporter-prometheus`: duration and outcome by the macros of the facade at each call, and by handles that
//! were looked up once.

use std::sync::LazyLock;
use std::time::Instant;

use metrics::{counter, histogram};
use recording::exporter::Handles;
use recording::work::{Answer, mix, wait_once};
use recording::{Error, exporter};

use super::{Contender, Render, calls};

pub(crate) const MACROS: Contender = Contender {
    name: "exporter-macros",
    written: "`Instant`, `histogram!` and `counter!` at each call, metrics-exporter-prometheus",
    packages: &["metrics", "metrics-exporter-prometheus"],
    start,
    calls: calls!(),
};

pub(crate) const CACHED: Contender = Contender {
    name: "exporter-cached",
    written: "`Instant`, cached `Histogram` and `Counter`, metrics-exporter-prometheus",
    packages: &["metrics", "metrics-exporter-prometheus"],
    start,
    calls: cached::CALLS,
};

fn start() -> Result<Render, Error> {
    let handle = exporter::install()?;
    Ok(Box::new(move || handle.render()))
}

/// Labels are literals, for which the macros need no allocation.
fn record(started: Instant, answer: &Answer) {
    histogram!("function_duration_seconds", "function" => "work", "module" => module_path!())
        .record(started.elapsed().as_secs_f64());
    if answer.is_ok() {
        counter!("function_calls_total", "function" => "work", "module" => module_path!(), "outcome" => "ok")
            .increment(1);
    } else {
        counter!("function_calls_total", "function" => "work", "module" => module_path!(), "outcome" => "error")
            .increment(1);
    }
}

#[inline(never)]
fn work(number: u64) -> Answer {
    let started = Instant::now();
    let answer = mix(number);
    record(started, &answer);
    answer
}

async fn ready(number: u64) -> Answer {
    let started = Instant::now();
    let answer = mix(number);
    record(started, &answer);
    answer
}

async fn waiting(number: u64) -> Answer {
    let started = Instant::now();
    wait_once().await;
    let answer = mix(number);
    record(started, &answer);
    answer
}

mod cached {
    use super::*;

    pub(super) const CALLS: super::super::Calls = calls!();

    static HANDLES: LazyLock<Handles> = LazyLock::new(|| Handles::of("work"));

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
}
