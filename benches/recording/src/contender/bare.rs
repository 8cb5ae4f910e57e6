//! The function without anything: what is taken off every other figure.

use recording::work::{Answer, mix, wait_once};

use super::{Contender, calls, nothing_to_start};

pub(crate) const BARE: Contender = Contender {
    name: "bare",
    written: "the function alone",
    packages: &[],
    start: nothing_to_start,
    calls: calls!(),
};

#[inline(never)]
fn work(number: u64) -> Answer {
    mix(number)
}

async fn ready(number: u64) -> Answer {
    mix(number)
}

async fn waiting(number: u64) -> Answer {
    wait_once().await;
    mix(number)
}
