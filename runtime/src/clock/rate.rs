//! How many ticks of the counter a second has: measured against the system's monotonic clock, over an ever longer time.

use std::time::{Duration, Instant};

use super::counter;

pub(super) const NANOS_PER_SECOND: f64 = 1e9;

/// The first measurement is right to one part in so many at the worst; it was better than one in 2,000 in all trials.
pub(super) const FIRST_ERROR: u64 = 512;

/// How long the first measurement takes.
const FIRST_BASELINE: Duration = Duration::from_micros(200);
/// A measurement over this time is as good as will ever be needed: to a part in a thousand million.
const LAST_BASELINE: Duration = Duration::from_secs(100);
/// A measurement replaces one over a shorter time by this factor.
const WORTHWHILE: u32 = 4;
/// What may be wrong with one reading.
const READING_ERROR: Duration = Duration::from_nanos(200);
/// The system's clock is slewed by up to half of this while it is being set right.
const SLEW: f64 = 1e-3;

/// Both clocks at one moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    pub(super) ticks: u64,
    pub(super) at: Instant,
}

impl Reading {
    /// The best of a few tries: an interrupt between the two readings would count as time.
    pub(super) fn take() -> Self {
        let one = || {
            let before = counter::read();
            let at = Instant::now();
            let gap = counter::read().saturating_sub(before);
            (gap, Self { ticks: before + gap / 2, at })
        };
        let mut best = one();
        for _ in 0..7 {
            let next = one();
            if next.0 < best.0 {
                best = next;
            }
        }
        best.1
    }
}

/// What is known of the counter's rate, and from when on it is measured.
#[derive(Clone, Copy, Debug)]
pub(super) struct Calibration {
    start: Reading,
    pub(super) per_second: f64,
    /// Over which time the rate was measured.
    baseline: Duration,
}

impl Calibration {
    /// Measures for the first time. It waits, for a fifth of a millisecond.
    pub(super) fn begin() -> Self {
        let start = Reading::take();
        while start.at.elapsed() < FIRST_BASELINE {
            std::hint::spin_loop();
        }
        let now = Reading::take();
        let baseline = now.at - start.at;
        Self { start, per_second: ticks_per_second(start, now), baseline }
    }

    /// A better measurement, if by now there is one. None also where there will be no better.
    pub(super) fn refined(&self, now: Reading) -> Option<Self> {
        let baseline = now.at.checked_duration_since(self.start.at)?;
        if self.baseline >= LAST_BASELINE || baseline < self.baseline * WORTHWHILE {
            return None;
        }
        let per_second = ticks_per_second(self.start, now);
        let error = 2.0 * READING_ERROR.as_secs_f64() / self.baseline.as_secs_f64() + SLEW;
        if (per_second / self.per_second - 1.0).abs() > error {
            // One of the clocks stood still while the other went on: the machine slept. What was measured before
            // that remains true, and measuring begins anew.
            return Some(Self { start: now, ..*self });
        }
        Some(Self { per_second, baseline, ..*self })
    }
}

fn ticks_per_second(start: Reading, now: Reading) -> f64 {
    now.ticks.saturating_sub(start.ticks) as f64 / (now.at - start.at).as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A counter of 3 GHz, measured over a baseline, and found to be off by some.
    fn measured(baseline: Duration, error: f64) -> Calibration {
        let start = Reading { ticks: 1_000, at: Instant::now() };
        Calibration { start, per_second: 3e9 * (1.0 + error), baseline }
    }

    fn after(calibration: &Calibration, seconds: f64, ticks: f64) -> Reading {
        let Reading { at, ticks: begun } = calibration.start;
        Reading { at: at + Duration::from_secs_f64(seconds), ticks: begun + ticks as u64 }
    }

    #[test]
    fn a_longer_time_gives_a_better_measurement() {
        let first = measured(FIRST_BASELINE, 3e-4);
        let second = first.refined(after(&first, 1.0, 3e9)).expect("a better one");
        assert!((second.per_second / 3e9 - 1.0).abs() < 1e-9);
        let third = second.refined(after(&second, 200.0, 6e11)).expect("a better one");
        assert!(third.refined(after(&third, 1e6, 3e15)).is_none(), "it is good enough");
    }

    #[test]
    fn a_time_that_is_hardly_longer_is_not_worth_it() {
        let known = measured(Duration::from_secs(1), 0.0);
        assert!(known.refined(after(&known, 3.0, 9e9)).is_none());
    }

    #[test]
    fn a_machine_that_slept_does_not_spoil_the_rate() {
        let known = measured(Duration::from_secs(1), 0.0);
        // The counter went on for an hour that the monotonic clock did not count.
        let woken = known.refined(after(&known, 10.0, 3_610.0 * 3e9)).expect("a new beginning");
        assert_eq!(woken.per_second, known.per_second);
        let later = woken.refined(after(&woken, 10.0, 3e10 * (1.0 + 1e-5))).expect("a better one");
        assert!((later.per_second / 3e9 - 1.0 - 1e-5).abs() < 1e-9);
    }
}
