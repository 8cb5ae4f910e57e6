//! What one process measures of one contender: names and values, a line each on its standard output.

use std::path::PathBuf;
use std::sync::Barrier;
use std::time::{Duration, Instant};

use crate::contender::{Contender, Running};
use crate::outcome::Outcome;
use crate::usage::{begin_peak, peak, process_time, thread_time};
use harness::Error;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Figure {
    /// One thread at full speed.
    Burst,
    /// Four threads at full speed.
    Threads,
    /// One event every 20 µs.
    Paced,
}

const THREADS: u64 = 4;
const PACE: Duration = Duration::from_micros(20);
/// A paced event takes as long as twenty to eighty at full speed.
const PACED_SHARE: u64 = 20;
/// Events that come first, so that what is made once is made.
const FIRST: u64 = 2_000;

impl Figure {
    pub(crate) const ALL: [Self; 3] = [Self::Burst, Self::Threads, Self::Paced];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Burst => "burst",
            Self::Threads => "threads",
            Self::Paced => "paced",
        }
    }

    pub(crate) fn of(name: &str) -> Result<Self, Error> {
        let found = Self::ALL.into_iter().find(|figure| figure.name() == name);
        let names = || Self::ALL.map(Self::name).join(", ");
        found.ok_or_else(|| format!("{name}: no figure; there are {}", names()).into())
    }

    /// Measures it in this process, which is there for nothing else.
    pub(crate) fn measure(self, contender: &Contender, events: u64) -> Result<(), Error> {
        let directory = Directory::new()?;
        let running = (contender.start)(&directory.0)?;
        let (made, told) = match self {
            Self::Burst => burst(contender, running, events),
            Self::Threads => threads(contender, running, events),
            Self::Paced => paced(contender, running, events / PACED_SHARE),
        };
        let outcome = Outcome::of(&directory.0, made)?;
        let name = self.name();
        say(&format!("{name}-lost"), outcome.lost as f64);
        say(&format!("{name}-torn"), outcome.torn as f64);
        say(&format!("{name}-doubled"), outcome.doubled as f64);
        say(&format!("{name}-untold"), outcome.lost as f64 - told as f64);
        drop(directory);
        // What a contender has to say or to tidy up at the end is nobody's concern here.
        std::process::exit(0)
    }
}

/// A line for the process that waits for it.
fn say(name: &str, value: f64) {
    println!("{name}\t{value}");
}

/// Gives how many events were made, and how many of them the contender says that it dropped.
fn burst(contender: &Contender, Running { flush, told }: Running, events: u64) -> (u64, u64) {
    let idle = begin_peak();
    (contender.request)(&mut || (0..FIRST).for_each(contender.event));
    let (process, thread, started) = (process_time(), thread_time(), Instant::now());
    let mut producing = (Duration::ZERO, Duration::ZERO);
    (contender.request)(&mut || {
        (FIRST..FIRST + events).for_each(contender.event);
        producing = (started.elapsed(), thread_time() - thread);
    });
    flush();
    let (wall, cpu) = (started.elapsed(), process_time() - process);
    let per_event = |duration: Duration| duration.as_nanos() as f64 / events as f64;
    say("mean", per_event(producing.0));
    say("mean-cpu", per_event(producing.1));
    say("rate-1", events as f64 / wall.as_secs_f64());
    say("cpu", per_event(cpu));
    say("resident", peak().saturating_sub(idle) as f64);
    (FIRST + events, told())
}

fn threads(contender: &Contender, Running { flush, told }: Running, events: u64) -> (u64, u64) {
    let share = events / THREADS;
    let barrier = Barrier::new(THREADS as usize + 1);
    let mut started = Instant::now();
    let mut process = process_time();
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let barrier = &barrier;
            scope.spawn(move || {
                let first = thread * (share + FIRST);
                (contender.request)(&mut || {
                    (first..first + FIRST).for_each(contender.event);
                    barrier.wait();
                    (first + FIRST..first + FIRST + share).for_each(contender.event);
                });
            });
        }
        barrier.wait();
        (started, process) = (Instant::now(), process_time());
    });
    flush();
    let (wall, cpu) = (started.elapsed(), process_time() - process);
    let events = THREADS * share;
    say("rate-4", events as f64 / wall.as_secs_f64());
    say("cpu-4", cpu.as_nanos() as f64 / events as f64);
    (events + THREADS * FIRST, told())
}

fn paced(contender: &Contender, Running { flush, told }: Running, events: u64) -> (u64, u64) {
    let mut durations = Vec::with_capacity(events as usize);
    (contender.request)(&mut || {
        let mut due = Instant::now();
        for number in 0..FIRST + events {
            due += PACE;
            // Not late for ever after a moment in which the machine had no time for us.
            due = due.max(Instant::now());
            while Instant::now() < due {
                std::hint::spin_loop();
            }
            let started = Instant::now();
            (contender.event)(number);
            let duration = started.elapsed().as_nanos() as u32;
            if number >= FIRST {
                durations.push(duration);
            }
        }
    });
    flush();
    durations.sort_unstable();
    for (name, share) in [("p50", 0.5), ("p99", 0.99), ("p999", 0.999)] {
        let rank = (durations.len() as f64 * share) as usize;
        say(name, durations[rank.min(durations.len() - 1)].into());
    }
    (FIRST + events, told())
}

/// Where the files are; gone at the end.
struct Directory(PathBuf);

impl Directory {
    fn new() -> Result<Self, Error> {
        let path = std::env::temp_dir().join(format!("logging-{}", std::process::id()));
        std::fs::create_dir_all(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
