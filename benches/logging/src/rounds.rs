//! The measurements, interleaved: in each round every contender measures every figure once, each in a process of its
//! own and in an order of its own, so that whatever else the machine does falls on all of them.

use std::process::{Command, Stdio};

use crate::contender::{self, Contender};
use crate::settings::Settings;
use harness::Error;
use harness::child::told;
use harness::values::Values;

const SEED: u64 = 5;

/// The first argument of a process that measures.
pub(crate) const CHILD: &str = "--child";
/// The first argument of a process that only starts a contender.
pub(crate) const PROBE: &str = "--probe";

pub(crate) fn run(settings: &Settings) -> Result<Values, Error> {
    let mut random = fastrand::Rng::with_seed(SEED);
    let mut values = Values::default();
    let mut contenders = Vec::new();
    for contender in contender::ALL.into_iter().filter(|contender| settings.takes(contender.name)) {
        if understands(contender) {
            contenders.push(contender);
        } else {
            eprintln!("{}: left out, {:?} is not understood", contender.name, contender.environment);
        }
    }
    for round in 0..settings.rounds {
        eprintln!("round {} of {}", round + 1, settings.rounds);
        let mut figures = settings.figures.clone();
        random.shuffle(&mut figures);
        for figure in figures {
            // A ratio is taken between neighbours in time.
            random.shuffle(&mut contenders);
            for contender in &contenders {
                let events = settings.events.to_string();
                let arguments = [CHILD, figure.name(), contender.name, &events];
                let told = child(&arguments, contender.environment);
                let told = told.map_err(|told| format!("{} of {}: {told}", figure.name(), contender.name))?;
                values.hear(contender.name, round, &told)?;
            }
        }
    }
    Ok(values)
}

/// Whether the contender knows the variables of its environment: it then refuses a value that means nothing.
fn understands(contender: &Contender) -> bool {
    let nonsense: Vec<_> = contender.environment.iter().map(|(name, _)| (*name, "nonsense")).collect();
    nonsense.is_empty() || child(&[PROBE, contender.name], &nonsense).is_err()
}

/// Starts a contender, and no more.
pub(crate) fn probe(contender: &Contender) -> Result<(), Error> {
    let directory = std::env::temp_dir().join(format!("logging-probe-{}", std::process::id()));
    std::fs::create_dir_all(&directory)?;
    let started = (contender.start)(&directory).map(|_| ());
    let _ = std::fs::remove_dir_all(&directory);
    started
}

/// What a process of this program says.
fn child(arguments: &[&str], environment: &[(&str, &str)]) -> Result<String, Error> {
    let mut command = Command::new(std::env::current_exe()?);
    if arguments[0] == PROBE {
        command.stderr(Stdio::null());
    }
    told(command.args(arguments).envs(environment.iter().copied()))
}
