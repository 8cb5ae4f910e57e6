//! Two readings of the clock of `std`.

use std::hint::black_box;
use std::time::Instant;

use recording::work::{Answer, mix, wait_once};

use super::{Contender, calls, nothing_to_start};

pub(crate) const INSTANT: Contender = Contender {
    name: "instant",
    written: "`Instant::now()` and `elapsed()`",
    packages: &[],
    start: nothing_to_start,
    calls: calls!(),
};

#[inline(never)]
fn work(number: u64) -> Answer {
    let started = Instant::now();
    let answer = mix(number);
    black_box(started.elapsed());
    answer
}

async fn ready(number: u64) -> Answer {
    let started = Instant::now();
    let answer = mix(number);
    black_box(started.elapsed());
    answer
}

async fn waiting(number: u64) -> Answer {
    let started = Instant::now();
    wait_once().await;
    let answer = mix(number);
    black_box(started.elapsed());
    answer
}
