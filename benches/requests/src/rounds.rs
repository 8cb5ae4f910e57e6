//! The measurements, interleaved: in each round every contender measures once, in a process of its own and in an order of
//! its own, so that whatever else the machine does falls on all of them.

use std::process::Command;

use crate::contender;
use crate::settings::Settings;
use harness::Error;
use harness::child::told;
use harness::values::Values;

const SEED: u64 = 6;

/// The first argument of a process that measures.
pub(crate) const CHILD: &str = "--child";

pub(crate) fn run(settings: &Settings) -> Result<Values, Error> {
    let mut random = fastrand::Rng::with_seed(SEED);
    let mut values = Values::default();
    let mut contenders: Vec<_> =
        contender::ALL.into_iter().filter(|contender| settings.takes(contender.name)).collect();
    for round in 0..settings.rounds {
        eprintln!("round {} of {}", round + 1, settings.rounds);
        random.shuffle(&mut contenders);
        for contender in &contenders {
            let told = told(Command::new(std::env::current_exe()?).args([CHILD, contender.name]));
            let told = told.map_err(|error| format!("{}: {error}", contender.name))?;
            values.hear(contender.name, round, &told)?;
        }
    }
    Ok(values)
}
