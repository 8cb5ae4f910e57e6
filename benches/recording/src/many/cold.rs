//! All functions in random order, over and over: once as the caches have them by then, and once after each pass with
//! other data in the first two levels of cache.

use std::hint::black_box;
use std::sync::Barrier;
use std::time::{Duration, Instant};

use super::Function;
use super::bare;
use crate::effort::Effort;
use crate::work::STEPS;
use harness::load::thread_time;
use harness::statistics::median;

/// Twice the second level of a large processor.
const OTHER_DATA: usize = 4 << 20;
const SEED: u64 = 7;

pub(super) fn measure(functions: &[Function], effort: &Effort, say: fn(&str, f64)) {
    let mut order: Vec<usize> = (0..functions.len()).collect();
    fastrand::Rng::with_seed(SEED).shuffle(&mut order);
    for (name, evict) in [("cold", false), ("evicted", true)] {
        for threads in [1, 4] {
            let window = effort.window * if threads == 1 { 2 } else { 4 };
            let of = |functions: &[Function]| nanos(functions, &order, threads, window, evict);
            of(functions);
            let costs = (0..effort.repeats).map(|_| {
                let bare = of(&bare::FUNCTIONS[..functions.len()]);
                of(functions) - bare
            });
            say(&format!("{name}-{threads}"), median(costs));
        }
    }
}

/// Of a call, by the clocks of the threads.
fn nanos(functions: &[Function], order: &[usize], threads: usize, window: Duration, evict: bool) -> f64 {
    let barrier = Barrier::new(threads);
    let thread = |number: usize| {
        let other: Vec<u64> = if evict { vec![1; OTHER_DATA / size_of::<u64>()] } else { Vec::new() };
        // Every thread starts elsewhere: they are not to follow each other through the functions.
        let (before, after) = order.split_at(order.len() * number / threads);
        barrier.wait();
        let started = Instant::now();
        let (mut calls, mut cost) = (0, Duration::ZERO);
        while started.elapsed() < window {
            black_box(other.iter().step_by(8).sum::<u64>());
            let before_pass = thread_time();
            for &at in after.iter().chain(before) {
                let _ = black_box(functions[at](black_box(STEPS)));
            }
            cost += thread_time() - before_pass;
            calls += order.len();
        }
        (calls, cost)
    };
    let shifts: Vec<_> = std::thread::scope(|scope| {
        let thread = &thread;
        let threads: Vec<_> = (0..threads).map(|number| scope.spawn(move || thread(number))).collect();
        threads.into_iter().map(|thread| thread.join().expect("the functions end well")).collect()
    });
    let calls: usize = shifts.iter().map(|(calls, _)| calls).sum();
    shifts.iter().map(|(_, cost)| cost).sum::<Duration>().as_nanos() as f64 / calls as f64
}
