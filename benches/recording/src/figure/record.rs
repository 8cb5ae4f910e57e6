//! What it costs to record a value in a histogram whose handle is at hand, without a clock.

use std::hint::black_box;

use prometheus_client::metrics::histogram;
use recording::effort::{Effort, say};
use recording::exporter::BOUNDS;
use recording::load::cost;
use recording::statistics::median;

use crate::contender::Contender;

const VALUES: usize = 1024;
const SEED: u64 = 11;

pub(crate) fn measure(contender: &Contender, effort: &Effort) {
    // Seconds, over the four octaves above 10 µs.
    let mut random = fastrand::Rng::with_seed(SEED);
    let values: Vec<f64> = (0..VALUES).map(|_| 0.000_01 * 2f64.powf(4.0 * random.f64())).collect();
    if contender.packages == ["prometheus-client"] {
        let histogram = histogram::Histogram::new(BOUNDS);
        compare(&values, effort, |value| histogram.observe(value));
    } else {
        // The facade, and behind it the recorder of the contender.
        let histogram =
            metrics::histogram!("recorded_seconds", "function" => "work", "module" => module_path!());
        compare(&values, effort, |value| histogram.record(value));
    }
}

fn compare(values: &[f64], effort: &Effort, record: impl Fn(f64) + Sync) {
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
        say(&format!("record-{threads}"), median(costs.iter().map(|(cpu, _)| *cpu)));
        say(&format!("record-{threads}-wall"), median(costs.iter().map(|(_, wall)| *wall)));
    }
}

fn repeat(values: &[f64], calls: u64, record: impl Fn(f64)) {
    for call in 0..calls {
        record(black_box(values[call as usize % VALUES]));
    }
}
