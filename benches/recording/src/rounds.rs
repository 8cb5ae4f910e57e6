//! The measurements, interleaved: in each round every contender measures every figure once, each in a process of its
//! own and in an order of its own, so that whatever else the machine does falls on all of them.

use std::process::Command;

use harness::child::told;
use recording::Error;
use recording::effort::Effort;

use crate::figures::Figure;
use crate::settings::{Settings, workspace};
use harness::values::Values;

const SEED: u64 = 5;

/// The first argument of a process that measures.
pub(crate) const CHILD: &str = "--child";

pub(crate) fn run(settings: &Settings) -> Result<Values, Error> {
    build()?;
    let mut random = fastrand::Rng::with_seed(SEED);
    let mut values = Values::default();
    let (once, each): (Vec<_>, Vec<_>) =
        settings.figures.iter().copied().partition(|figure| figure.is_measured_once());
    for round in 0..settings.rounds {
        eprintln!("round {} of {}", round + 1, settings.rounds);
        let mut figures = each.clone();
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
    for figure in once {
        for contender in figure.contenders().into_iter().filter(|contender| settings.takes(contender)) {
            eprintln!("{} of {contender}", figure.name());
            measure(figure, contender, settings.quick, 0, &mut values)?;
        }
    }
    Ok(values)
}

/// Builds the programs beside this one, as this one was built.
fn build() -> Result<(), Error> {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(["build", "--quiet", "--release", "--locked", "--package", "recording", "--bins"]);
    let status = command.current_dir(workspace()).status()?;
    if status.success() { Ok(()) } else { Err(format!("cargo build: {status}").into()) }
}

/// Lets processes of their own measure one figure of one contender.
fn measure(
    figure: Figure,
    contender: &str,
    quick: bool,
    round: usize,
    values: &mut Values,
) -> Result<(), Error> {
    let this = std::env::current_exe()?;
    let programs = match figure.programs(contender) {
        [] => vec![this],
        names => names.iter().map(|name| this.with_file_name(name)).collect(),
    };
    for program in programs {
        let mut command = Command::new(&program);
        command.args([CHILD, figure.name(), contender, if quick { Effort::QUICK } else { Effort::FULL }]);
        let told = told(command.env("HOTPATH_METRICS_SERVER_OFF", "true"));
        values.hear(
            contender,
            round,
            &told.map_err(|error| format!("{} of {contender}: {error}", figure.name()))?,
        )?;
    }
    Ok(())
}
