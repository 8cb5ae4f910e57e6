//! Threads that call something for a while, and what a call cost them.
//!
//! The cost is in processor time of the calling threads: it is the same whatever else the machine runs and also where
//! threads outnumber processors. What a contender leaves to threads of its own, and the time in which a thread
//! sleeps for a lock, is not in it; both are in the cost by wall clock.

use std::sync::Barrier;
use std::time::{Duration, Instant};

/// Of one call, in nanoseconds.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    /// By the clocks of the threads.
    pub cpu: f64,
    /// By the wall clock, times the processors that the threads could have.
    pub wall: f64,
}

/// What one thread did.
struct Shift {
    calls: u64,
    cpu: Duration,
    wall: Duration,
}

/// Calls for a while from several threads at once. `work` makes as many calls as it is told.
pub fn cost(threads: usize, window: Duration, work: &(dyn Fn(u64) + Sync)) -> Cost {
    let shifts = shifts(threads, window, work);
    let calls = shifts.iter().map(|shift| shift.calls).sum::<u64>() as f64;
    let cpu: Duration = shifts.iter().map(|shift| shift.cpu).sum();
    let wall = shifts.iter().map(|shift| shift.wall).max().unwrap_or_default();
    let processors = threads.min(processors()) as f64;
    Cost { cpu: cpu.as_nanos() as f64 / calls, wall: wall.as_nanos() as f64 * processors / calls }
}

pub fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn shifts(threads: usize, window: Duration, work: &(dyn Fn(u64) + Sync)) -> Vec<Shift> {
    let barrier = Barrier::new(threads);
    if threads == 1 {
        return vec![shift(&barrier, window, work)];
    }
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(|| shift(&barrier, window, work))).collect();
        threads.into_iter().map(|thread| thread.join().expect("the work ends well")).collect()
    })
}

/// Works in portions that are long beside the look at the clock, and short beside the window.
fn shift(barrier: &Barrier, window: Duration, work: &(dyn Fn(u64) + Sync)) -> Shift {
    let mut portion = 16;
    loop {
        let started = Instant::now();
        work(portion);
        if started.elapsed() * 64 >= window {
            break;
        }
        portion *= 2;
    }
    barrier.wait();
    let (started, cpu) = (Instant::now(), thread_time());
    let mut calls = 0;
    while started.elapsed() < window {
        work(portion);
        calls += portion;
    }
    Shift { calls, cpu: thread_time() - cpu, wall: started.elapsed() }
}

/// The processor time that the calling thread has had.
pub fn thread_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to a timespec of this frame.
    let status = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    assert_eq!(status, 0, "no clock for the time of a thread");
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
