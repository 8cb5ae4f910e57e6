//! What was measured: a value for each round, by contender and name.

use std::collections::BTreeMap;

#[derive(Default)]
pub(crate) struct Values(BTreeMap<(String, String), BTreeMap<usize, f64>>);

impl Values {
    pub(crate) fn insert(&mut self, contender: &str, name: &str, round: usize, value: f64) {
        self.0.entry((contender.to_owned(), name.to_owned())).or_default().insert(round, value);
    }

    /// The value that a share of the rounds stays within.
    pub(crate) fn quantile(&self, contender: &str, name: &str, share: f64) -> Option<f64> {
        self.of(contender, name).map(|rounds| quantile(rounds.values().copied(), share))
    }

    fn of(&self, contender: &str, name: &str) -> Option<&BTreeMap<usize, f64>> {
        self.0.get(&(contender.to_owned(), name.to_owned()))
    }
}

/// Interpolated between neighbours; NaN of none.
fn quantile(values: impl IntoIterator<Item = f64>, share: f64) -> f64 {
    let mut values: Vec<_> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let Some(last) = values.len().checked_sub(1) else { return f64::NAN };
    let at = share * last as f64;
    let (below, above) = (values[at.floor() as usize], values[at.ceil() as usize]);
    below + (above - below) * at.fract()
}
