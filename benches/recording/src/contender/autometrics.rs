//! `autometrics` over the `prometheus` crate, as the compile-time measurements have it.

use autometrics::autometrics;
use recording::work::{Answer, mix, wait_once};

use super::{Contender, calls, nothing_to_start};

pub(crate) const AUTOMETRICS: Contender = Contender {
    name: "autometrics",
    written: "`#[autometrics]`, prometheus",
    packages: &["autometrics", "prometheus"],
    start: nothing_to_start,
    calls: calls!(),
};

#[autometrics]
#[inline(never)]
fn work(number: u64) -> Answer {
    mix(number)
}

#[autometrics]
async fn ready(number: u64) -> Answer {
    mix(number)
}

#[autometrics]
async fn waiting(number: u64) -> Answer {
    wait_once().await;
    mix(number)
}
