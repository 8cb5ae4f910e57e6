//! What it costs to record a value in a histogram whose handle is at hand, without a clock.

use std::hint::black_box;
use std::sync::Arc;

use harness::load::cost;
use harness::statistics::median;
use prometheus_client::metrics::histogram;
use recording::effort::{Effort, say};
use recording::exporter::BOUNDS;
use tachograph::__private::{CallSite, Outcome};

use crate::contender::Contender;

const VALUES: usize = 1024;
const SEED: u64 = 11;

/// As generated code has it.
static CALLED: CallSite = CallSite::function("function=\"recorded\",module=\"record\"", 1);

pub(crate) fn measure(contender: &Contender, effort: &Effort) {
    // Seconds, over the four octaves above 10 µs.
    let mut random = fastrand::Rng::with_seed(SEED);
    let values: Vec<f64> = (0..VALUES).map(|_| 0.000_01 * 2f64.powf(4.0 * random.f64())).collect();
    match contender.name {
        "prometheus-client" => {
            let histogram = histogram::Histogram::new(BOUNDS);
            compare("record", &values, effort, |value| histogram.observe(value));
        }
        "floor" => {
            // What the facade takes for itself.
            let histogram = black_box(metrics::Histogram::from_arc(Arc::new(Nothing)));
            compare("record", &values, effort, |value| histogram.record(value));
        }
        _ => {
            // The facade, and behind it the recorder of the contender.
            let histogram =
                metrics::histogram!("recorded_seconds", "function" => "work", "module" => module_path!());
            compare("record", &values, effort, |value| histogram.record(value));
        }
    }
    if contender.name == "tachograph" {
        // What `#[timed]` does when it has read the clock. A tick is about as long as a nanosecond.
        let ticks: Vec<u64> = values.iter().map(|seconds| (seconds * 1e9) as u64).collect();
        compare("end", &ticks, effort, |ticks| CALLED.record(ticks, Outcome::Ok));
    }
}

struct Nothing;

impl metrics::HistogramFn for Nothing {
    #[inline(never)]
    fn record(&self, value: f64) {
        black_box(value);
    }
}

fn compare<V: Copy + Sync>(name: &str, values: &[V], effort: &Effort, record: impl Fn(V) + Sync) {
    for threads in [1, 2, 4] {
        let window = if threads == 1 { effort.window } else { effort.window * 3 };
        let nothing = |calls| {
            repeat(values, calls, |value| {
                black_box(value);
            })
        };
        let recorded = |calls| repeat(values, calls, &record);
        cost(threads, window, &recorded);
        let costs = (0..effort.repeats).map(|_| {
            let nothing = cost(threads, window, &nothing);
            let recorded = cost(threads, window, &recorded);
            (recorded.cpu - nothing.cpu, recorded.wall - nothing.wall)
        });
        let costs: Vec<_> = costs.collect();
        say(&format!("{name}-{threads}"), median(costs.iter().map(|(cpu, _)| *cpu)));
        say(&format!("{name}-{threads}-wall"), median(costs.iter().map(|(_, wall)| *wall)));
    }
}

fn repeat<V: Copy>(values: &[V], calls: u64, record: impl Fn(V)) {
    for call in 0..calls {
        record(black_box(values[call as usize % VALUES]));
    }
}
