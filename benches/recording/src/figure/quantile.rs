//! How far the 99th percentile that the histogram gives is from the exact one, in hundredths of it.
//!
//! The exact one is that of the same calls, timed one by one from outside.

use std::time::{Duration, Instant};

use harness::load;
use harness::statistics::quantile;
use recording::Error;
use recording::effort::say;
use tachograph::{FunctionStats, functions, timed};

const CALLS: usize = 8_000;

type Shape = fn(&mut fastrand::Rng) -> f64;

/// Durations in microseconds, long beside the clocks around them.
const SHAPES: [(&str, Shape); 4] = [
    ("log-normal", |random| 15.0 * normal(random).exp()),
    ("narrow", |random| 15.0 * (0.1 * normal(random)).exp()),
    ("log-uniform", |random| 3.0 * 64f64.powf(random.f64())),
    ("two-peaked", |random| if random.f64() < 0.97 { 5.0 } else { 140.0 } * (0.2 * normal(random)).exp()),
];

pub(crate) fn measure() -> Result<(), Error> {
    // Other durations in each round.
    let mut random = fastrand::Rng::with_seed(load::thread_time().as_nanos() as u64);
    let mut worst: f64 = 0.0;
    for (shape, micros) in SHAPES {
        let durations = (0..CALLS).map(|_| Duration::from_secs_f64(micros(&mut random) / 1e6));
        let durations: Vec<_> = durations.collect();
        let before = stats()?;
        let timed = durations.into_iter().map(|duration| {
            let started = Instant::now();
            wait(duration);
            started.elapsed().as_secs_f64()
        });
        let exact = quantile(timed, 0.99);
        let told = stats()?.since(&before).quantile(0.99).ok_or("no quantile of the calls made")?;
        let error = 100.0 * (told.as_secs_f64() - exact) / exact;
        say(&format!("quantile-{shape}"), error);
        worst = worst.max(error.abs());
    }
    say("quantile", worst);
    Ok(())
}

#[timed]
fn wait(duration: Duration) {
    let started = Instant::now();
    while started.elapsed() < duration {
        std::hint::spin_loop();
    }
}

fn stats() -> Result<FunctionStats, Error> {
    let found = functions().into_iter().find(|stats| stats.function() == "wait");
    found.ok_or_else(|| "no statistics of an annotated function".into())
}

/// Of the standard normal distribution: Box and Muller.
fn normal(random: &mut fastrand::Rng) -> f64 {
    let (radius, angle) = (1.0 - random.f64(), random.f64() * std::f64::consts::TAU);
    (-2.0 * radius.ln()).sqrt() * angle.cos()
}
