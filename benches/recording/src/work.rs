//! The function under measurement: a chain of multiplications of about ten nanoseconds that nothing can shorten.

use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// Never met: the answers are a `Result` so that every contender has an outcome to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Odd;

impl std::fmt::Display for Odd {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("nothing came out")
    }
}

impl std::error::Error for Odd {}

pub type Answer = Result<u64, Odd>;

/// How often [`mix`] multiplies.
pub const STEPS: u64 = 8;

#[inline(always)]
pub fn mix(mut number: u64) -> Answer {
    for _ in 0..STEPS {
        number = step(number);
    }
    if number == 0 { Err(Odd) } else { Ok(number) }
}

/// The same for as long as the caller wants, from a number of one's own.
#[inline(always)]
pub fn spin(steps: u64, seed: u64) -> Answer {
    let mut number = seed << 1 | 1;
    for _ in 0..steps {
        number = step(number);
    }
    if number == 0 { Err(Odd) } else { Ok(number) }
}

/// A bijection with its fixed point at 0, which no odd number reaches.
#[inline(always)]
fn step(number: u64) -> u64 {
    (number ^ (number >> 29)).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// Calls a function over and over, each time with what came out of it before.
pub fn repeat(calls: u64, call: impl Fn(u64) -> Answer) {
    let mut number = 1;
    for _ in 0..calls {
        number = black_box(call(black_box(number))).unwrap_or(1);
    }
}

/// The same for a function that gives a future.
pub fn repeat_future<F: Future<Output = Answer>>(calls: u64, call: impl Fn(u64) -> F) {
    repeat(calls, |number| run(&call, number));
}

#[inline(never)]
fn run<F: Future<Output = Answer>>(call: &impl Fn(u64) -> F, number: u64) -> Answer {
    let mut future = pin!(call(number));
    loop {
        if let Poll::Ready(answer) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return answer;
        }
    }
}

/// Is pending once.
pub async fn wait_once() {
    let mut waited = false;
    std::future::poll_fn(|_| {
        let poll = if waited { Poll::Ready(()) } else { Poll::Pending };
        waited = true;
        poll
    })
    .await;
}
