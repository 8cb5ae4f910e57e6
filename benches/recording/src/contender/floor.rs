//! Two readings of the cheapest clock and nothing else: no measurement of a duration costs less.

use std::hint::black_box;

use recording::work::{Answer, mix, wait_once};

use super::{Contender, calls, nothing_to_start};

pub(crate) const FLOOR: Contender = Contender {
    name: "floor",
    written: "two bare readings of the TSC",
    packages: &[],
    start: nothing_to_start,
    calls: calls!(),
};

#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn ticks() -> u64 {
    // SAFETY: every x86_64 processor has it.
    unsafe { std::arch::x86_64::_rdtsc() }
}

#[cfg(target_arch = "aarch64")]
#[inline(always)]
fn ticks() -> u64 {
    let ticks: u64;
    // SAFETY: a counter that user space may read, and nothing else happens.
    unsafe { std::arch::asm!("mrs {}, cntvct_el0", out(reg) ticks, options(nomem, nostack)) };
    ticks
}

#[inline(never)]
fn work(number: u64) -> Answer {
    let started = ticks();
    let answer = mix(number);
    black_box(ticks().wrapping_sub(started));
    answer
}

async fn ready(number: u64) -> Answer {
    let started = ticks();
    let answer = mix(number);
    black_box(ticks().wrapping_sub(started));
    answer
}

async fn waiting(number: u64) -> Answer {
    let started = ticks();
    wait_once().await;
    let answer = mix(number);
    black_box(ticks().wrapping_sub(started));
    answer
}
