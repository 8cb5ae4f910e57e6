//! The contenders: each gives a request an id in its own way.

mod bare;
mod tachograph;
mod task_local;
mod span;
mod ulid;

use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use harness::Error;

pub(crate) struct Contender {
    pub(crate) name: &'static str,
    /// As a user writes it.
    pub(crate) written: &'static str,
    /// The crates whose versions matter.
    pub(crate) packages: &'static [&'static str],
    /// Sets up what a program sets up at its start.
    pub(crate) start: fn(),
    /// Each does as often what it is called after as it is told; none where the contender has no such thing.
    pub(crate) calls: Calls,
}

#[derive(Clone, Copy)]
pub(crate) struct Calls {
    /// A function that runs in a request with a new id.
    pub(crate) request: Option<fn(u64)>,
    /// The same of an async function that never waits.
    pub(crate) ready: Option<fn(u64)>,
    /// Makes an id.
    pub(crate) id: Option<fn(u64)>,
    /// Reads the id of the request around it.
    pub(crate) read: Option<fn(u64)>,
}

/// In the order of the tables.
pub(crate) const ALL: [&Contender; 5] =
    [&tachograph::TACHOGRAPH, &task_local::UUID, &span::UUID, &ulid::ULID, &bare::BARE];

pub(crate) fn find(name: &str) -> Result<&'static Contender, Error> {
    let found = ALL.into_iter().find(|contender| contender.name == name);
    let names = || ALL.map(|contender| contender.name).join(", ");
    found.ok_or_else(|| format!("{name}: no contender; there are {}", names()).into())
}

const fn nothing_to_start() {}

/// Does something over and over; what comes out of it is used.
#[inline(always)]
fn repeat<T>(calls: u64, call: impl Fn(u64) -> T) {
    for number in 0..calls {
        black_box(call(black_box(number)));
    }
}

/// The same for a function that gives a future.
#[inline(always)]
fn repeat_future<F: Future<Output = u64>>(calls: u64, call: impl Fn(u64) -> F) {
    repeat(calls, |number| run(&call, number));
}

#[inline(never)]
fn run<F: Future<Output = u64>>(call: &impl Fn(u64) -> F, number: u64) -> u64 {
    let mut future = pin!(call(number));
    loop {
        if let Poll::Ready(answer) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return answer;
        }
    }
}
