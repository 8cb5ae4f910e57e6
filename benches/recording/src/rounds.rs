//! The measurements, interleaved: in each round every contender measures every figure once, each in a process of its
//! own and in an order of its own, so that whatever else the machine does falls on all of them.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use recording::Error;
use recording::statistics::median;

use crate::figures::Figure;
use crate::settings::Settings;

const SEED: u64 = 5;

/// The first argument of a process that measures.
pub(crate) const CHILD: &str = "--child";

/// A value for each round, by contender and name.
#[derive(Default)]
pub(crate) struct Values(BTreeMap<(String, String), BTreeMap<usize, f64>>);

impl Values {
    /// The median over the rounds.
    pub(crate) fn median(&self, contender: &str, name: &str) -> Option<f64> {
        self.of(contender, name).map(|rounds| median(rounds.values().copied()))
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

    pub(crate) fn insert(&mut self, contender: &str, name: &str, round: usize, value: f64) {
        self.0.entry((contender.to_owned(), name.to_owned())).or_default().insert(round, value);
    }
}

pub(crate) fn run(settings: &Settings) -> Result<Values, Error> {
    let mut random = fastrand::Rng::with_seed(SEED);
    let mut values = Values::default();
    for round in 0..settings.rounds {
        eprintln!("round {} of {}", round + 1, settings.rounds);
        let mut figures = settings.figures.clone();
        random.shuffle(&mut figures);
        for figure in figures {
            // A ratio is taken between neighbours in time.
            let mut contenders = figure.contenders();
            contenders.retain(|contender| settings.takes(contender));
            random.shuffle(&mut contenders);
            for contender in contenders {
                measure(figure, contender, settings.quick, round, &mut values)?;
            }
        }
    }
    Ok(values)
}

/// Lets a process of its own measure one figure of one contender.
fn measure(
    figure: Figure,
    contender: &str,
    quick: bool,
    round: usize,
    values: &mut Values,
) -> Result<(), Error> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args([CHILD, figure.name(), contender, if quick { "quick" } else { "full" }]);
    let output = command.env("HOTPATH_METRICS_SERVER_OFF", "true").stderr(Stdio::inherit()).output()?;
    let told = String::from_utf8(output.stdout)?;
    if !output.status.success() {
        return Err(format!("{} of {contender}: {}: {told}", figure.name(), output.status).into());
    }
    for line in told.lines() {
        let said = line.split_once('\t').and_then(|(name, value)| Some((name, value.parse().ok()?)));
        let (name, value) = said.ok_or_else(|| format!("{} of {contender}: {line}", figure.name()))?;
        values.insert(contender, name, round, value);
    }
    Ok(())
}
