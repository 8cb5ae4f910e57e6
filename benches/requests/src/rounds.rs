//! The measurements, interleaved: in each round every contender measures once, in a process of its own and in an order of
//! its own, so that whatever else the machine does falls on all of them.

use std::process::{Command, Stdio};

use crate::Error;
use crate::contender;
use crate::settings::Settings;
use crate::values::Values;

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
            for line in child(contender.name)?.lines() {
                let said = line.split_once('\t').and_then(|(name, value)| Some((name, value.parse().ok()?)));
                let (name, value) = said.ok_or_else(|| format!("{}: {line}", contender.name))?;
                values.insert(contender.name, name, round, value);
            }
        }
    }
    Ok(values)
}

/// What the process of a contender says.
fn child(contender: &str) -> Result<String, Error> {
    let mut command = Command::new(std::env::current_exe()?);
    let output = command.args([CHILD, contender]).stderr(Stdio::inherit()).output()?;
    let told = String::from_utf8(output.stdout)?;
    if output.status.success() {
        Ok(told)
    } else {
        Err(format!("{contender}: {}: {told}", output.status).into())
    }
}
