//! `metered`, with the four metrics that make up what the others measure.

use std::sync::LazyLock;

use ::metered::{ErrorCount, HitCount, InFlight, ResponseTime, metered};
use recording::work::{Answer, mix, wait_once};

use super::{Contender, calls, nothing_to_start};

pub(crate) const METERED: Contender = Contender {
    name: "metered",
    written: "`#[measure([HitCount, ErrorCount, InFlight, ResponseTime])]`",
    packages: &["metered"],
    start: nothing_to_start,
    calls: calls!(),
};

static WORKER: LazyLock<Worker> = LazyLock::new(Worker::default);

#[derive(Default)]
struct Worker {
    metrics: WorkerMetrics,
}

#[metered(registry = WorkerMetrics)]
impl Worker {
    #[measure([HitCount, ErrorCount, InFlight, ResponseTime])]
    #[inline(never)]
    fn work(&self, number: u64) -> Answer {
        mix(number)
    }

    #[measure([HitCount, ErrorCount, InFlight, ResponseTime])]
    async fn ready(&self, number: u64) -> Answer {
        mix(number)
    }

    #[measure([HitCount, ErrorCount, InFlight, ResponseTime])]
    async fn waiting(&self, number: u64) -> Answer {
        wait_once().await;
        mix(number)
    }
}

fn work(number: u64) -> Answer {
    WORKER.work(number)
}

fn ready(number: u64) -> impl Future<Output = Answer> {
    WORKER.ready(number)
}

fn waiting(number: u64) -> impl Future<Output = Answer> {
    WORKER.waiting(number)
}
