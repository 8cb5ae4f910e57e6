//! Sums of ticks, as seconds that never fall.
//!
//! How long a tick is, is known ever better: a sum that was converted anew each time could be smaller than the time
//! before, and Prometheus would take that for a restart. And ticks of many long calls at once come round to nought after some
//! days. What came since the last look is converted, and added.

use crate::clock;

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sum {
    ticks: u64,
    seconds: f64,
}

impl Sum {
    /// The sum in seconds, now that it is so many ticks.
    pub(super) fn advance(&mut self, ticks: u64) -> f64 {
        let more = ticks.wrapping_sub(self.ticks);
        // Looks may overtake each other; what looks like going back is a look from before.
        if more <= u64::MAX / 2 {
            self.ticks = ticks;
            self.seconds += clock::seconds(more);
        }
        self.seconds
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_goes_on_beyond_what_a_counter_holds() {
        let mut sum = Sum::default();
        assert_eq!(sum.advance(1_500_000_000), 1.5);
        let full = [u64::MAX / 3, u64::MAX / 3 * 2, u64::MAX].map(|ticks| sum.advance(ticks))[2];
        let beyond = sum.advance(100_000_000_000);
        assert!((99.9..100.1).contains(&(beyond - full)), "{beyond} after {full}");
    }

    #[test]
    fn a_look_from_before_takes_nothing_away() {
        let mut sum = Sum::default();
        assert_eq!(
            [2_000_000_000, 1_000_000_000, 3_000_000_000].map(|ticks| sum.advance(ticks)),
            [2.0, 2.0, 3.0]
        );
    }
}
