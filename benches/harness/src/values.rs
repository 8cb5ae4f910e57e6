//! What was measured: a value for each round, by contender and name.

use std::collections::BTreeMap;

use crate::Error;
use crate::statistics::quantile;

#[derive(Debug, Default)]
pub struct Values(BTreeMap<(String, String), BTreeMap<usize, f64>>);

impl Values {
    /// Takes one value.
    pub fn insert(&mut self, contender: &str, name: &str, round: usize, value: f64) {
        self.0.entry((contender.to_owned(), name.to_owned())).or_default().insert(round, value);
    }

    /// Takes what the process of a contender said: a name and a value on each line, with a tab between.
    ///
    /// # Errors
    /// Where a line is another.
    pub fn hear(&mut self, contender: &str, round: usize, told: &str) -> Result<(), Error> {
        for line in told.lines() {
            let said = line.split_once('\t').and_then(|(name, value)| Some((name, value.parse().ok()?)));
            let (name, value) = said.ok_or_else(|| format!("{contender}: {line}"))?;
            self.insert(contender, name, round, value);
        }
        Ok(())
    }

    /// The value that a share of the rounds stays within.
    pub fn quantile(&self, contender: &str, name: &str, share: f64) -> Option<f64> {
        self.of(contender, name).map(|rounds| quantile(rounds.values().copied(), share))
    }

    /// The median over the rounds.
    pub fn median(&self, contender: &str, name: &str) -> Option<f64> {
        self.quantile(contender, name, 0.5)
    }

    /// The greatest of all rounds.
    pub fn most(&self, contender: &str, name: &str) -> Option<f64> {
        self.of(contender, name)?.values().copied().max_by(f64::total_cmp)
    }

    /// The median over the rounds of a ratio that is taken within each.
    pub fn ratio(&self, dividend: (&str, &str), divisor: (&str, &str)) -> Option<f64> {
        let ratios: Vec<_> =
            self.pairs(dividend, divisor).map(|(_, dividend, divisor)| dividend / divisor).collect();
        (!ratios.is_empty()).then(|| quantile(ratios, 0.5))
    }

    /// The rounds that have both values.
    pub fn pairs(
        &self,
        one: (&str, &str),
        other: (&str, &str),
    ) -> impl Iterator<Item = (usize, f64, f64)> + use<'_> {
        let others = self.of(other.0, other.1);
        let ones = self.of(one.0, one.1).into_iter().flatten();
        ones.filter_map(move |(round, one)| Some((*round, *one, *others?.get(round)?)))
    }

    fn of(&self, contender: &str, name: &str) -> Option<&BTreeMap<usize, f64>> {
        self.0.get(&(contender.to_owned(), name.to_owned()))
    }
}
