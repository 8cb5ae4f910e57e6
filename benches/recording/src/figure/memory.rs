//! By how much the memory of the process grows where nobody scrapes it, at full speed on all processors.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use harness::load::processors;
use recording::effort::{Effort, say};
use recording::memory::resident;

use crate::contender::Contender;

/// Nobody learns more from a contender that has taken this much.
const ENOUGH: u64 = 4 << 30;
const LOOK_EVERY: Duration = Duration::from_millis(50);
const PORTION: u64 = 1_000;

pub(crate) fn measure(contender: &Contender, effort: &Effort) {
    let threads = processors();
    let (stop, calls, barrier) = (AtomicBool::new(false), AtomicU64::new(0), Barrier::new(threads + 1));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                // What is made at the first call is not growth.
                (contender.calls.sync)(PORTION);
                barrier.wait();
                barrier.wait();
                let mut made = 0;
                while !stop.load(Ordering::Relaxed) {
                    (contender.calls.sync)(PORTION);
                    made += PORTION;
                }
                calls.fetch_add(made, Ordering::Relaxed);
            });
        }
        barrier.wait();
        let before = resident();
        let started = Instant::now();
        barrier.wait();
        let mut most = before;
        while started.elapsed() < effort.duration && most - before < ENOUGH {
            std::thread::sleep(LOOK_EVERY);
            most = most.max(resident());
        }
        stop.store(true, Ordering::Relaxed);
        say("memory", (most - before) as f64);
        say("memory-seconds", started.elapsed().as_secs_f64());
    });
    say("memory-calls", calls.load(Ordering::Relaxed) as f64);
}
