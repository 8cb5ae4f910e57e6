//! What was measured: a value for each round, by contender and name.

use std::collections::BTreeMap;

use recording::statistics::{median, quantile};

#[derive(Default)]
pub(crate) struct Values(BTreeMap<(String, String), BTreeMap<usize, f64>>);

impl Values {
    pub(crate) fn insert(&mut self, contender: &str, name: &str, round: usize, value: f64) {
        self.0.entry((contender.to_owned(), name.to_owned())).or_default().insert(round, value);
    }

    /// The median over the rounds.
    pub(crate) fn median(&self, contender: &str, name: &str) -> Option<f64> {
        self.of(contender, name).map(|rounds| median(rounds.values().copied()))
    }

    /// The first and the third quartile of the rounds.
    pub(crate) fn quartiles(&self, contender: &str, name: &str) -> Option<(f64, f64)> {
        let rounds = self.of(contender, name)?;
        let quartile = |q| quantile(rounds.values().copied(), q);
        Some((quartile(0.25), quartile(0.75)))
    }

    /// The greatest of all rounds.
    pub(crate) fn most(&self, contender: &str, name: &str) -> Option<f64> {
        self.of(contender, name)?.values().copied().max_by(f64::total_cmp)
    }

    /// The median over the rounds of a ratio that is taken within each.
    pub(crate) fn ratio(&self, dividend: (&str, &str), divisor: (&str, &str)) -> Option<f64> {
        let (dividends, divisors) = (self.of(dividend.0, dividend.1)?, self.of(divisor.0, divisor.1)?);
        let ratio = |(round, dividend): (&usize, &f64)| Some(dividend / divisors.get(round)?);
        let ratios: Vec<_> = dividends.iter().filter_map(ratio).collect();
        (!ratios.is_empty()).then(|| median(ratios))
    }

    fn of(&self, contender: &str, name: &str) -> Option<&BTreeMap<usize, f64>> {
        self.0.get(&(contender.to_owned(), name.to_owned()))
    }
}
