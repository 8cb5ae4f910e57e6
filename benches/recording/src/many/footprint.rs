//! What memory a function takes in each thread that calls it.

use std::sync::Barrier;

use super::{Function, bare, call_all, call_over_octaves};
use crate::memory::{asked, resident};
use crate::work::STEPS;

const THREADS: usize = 4;

pub(super) fn measure(functions: &[Function], say: fn(&str, f64)) {
    let barrier = Barrier::new(THREADS + 1);
    let cells = (functions.len() * THREADS) as f64;
    let (mut before, mut once, mut octaves) = (0, 0, 0);
    let asked = std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                // The thread has its stack by then.
                call_all(&bare::FUNCTIONS[..functions.len()], STEPS);
                barrier.wait();
                barrier.wait();
                call_all(functions, STEPS);
                barrier.wait();
                barrier.wait();
                call_over_octaves(functions);
                barrier.wait();
                barrier.wait();
            });
        }
        barrier.wait();
        asked(|| {
            before = resident();
            barrier.wait();
            barrier.wait();
            once = resident();
            barrier.wait();
            barrier.wait();
            octaves = resident();
            barrier.wait();
        })
    });
    say("footprint-once", once.saturating_sub(before) as f64 / cells);
    say("footprint-octaves", octaves.saturating_sub(before) as f64 / cells);
    say("footprint-asked", asked.bytes as f64 / cells);
}
