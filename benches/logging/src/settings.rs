//! What the command line says.

use std::path::{Path, PathBuf};

use crate::figure::Figure;
use harness::Error;

const USAGE: &str = "arguments: [--quick] [--rounds N] [--events N] [--only CONTENDER,…] [--figures FIGURE,…] [--output FILE]";

pub(crate) struct Settings {
    pub(crate) rounds: usize,
    /// That each figure makes.
    pub(crate) events: u64,
    /// Contenders; all where there are none.
    only: Vec<String>,
    pub(crate) figures: Vec<Figure>,
    /// Where the page goes beside the standard output; a part of it goes nowhere unless told.
    pub(crate) output: Option<PathBuf>,
    pub(crate) arguments: String,
}

impl Settings {
    pub(crate) fn read(arguments: &[String]) -> Result<Self, Error> {
        let (mut quick, mut rounds, mut events, mut only, mut output) = (false, None, None, Vec::new(), None);
        let mut figures = Figure::ALL.to_vec();
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            if argument == "--quick" {
                quick = true;
                continue;
            }
            let value = rest.next().ok_or(USAGE)?;
            let number = || value.parse().map_err(|_| format!("{argument}: no number: {value}"));
            let parts = || value.split(',').map(str::to_owned);
            match argument.as_str() {
                "--rounds" => rounds = Some(number()?),
                "--events" => events = Some(number()?),
                "--only" => only = parts().collect(),
                "--figures" => figures = parts().map(|name| Figure::of(&name)).collect::<Result<_, _>>()?,
                "--output" => output = Some(value.into()),
                _ => return Err(USAGE.into()),
            }
        }
        if rounds == Some(0) || events.is_some_and(|events| events < 1_000) {
            return Err("at least one round, and 1000 events".into());
        }
        let whole = !quick && events.is_none() && only.is_empty() && figures.len() == Figure::ALL.len();
        Ok(Self {
            rounds: rounds.unwrap_or(if quick { 3 } else { 9 }) as usize,
            events: events.unwrap_or(if quick { 200_000 } else { 1_000_000 }),
            only,
            figures,
            output: output.or_else(|| whole.then(|| workspace().join("results/logging.md"))),
            arguments: arguments.join(" "),
        })
    }

    pub(crate) fn takes(&self, contender: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == contender)
    }
}

/// The folder `benches/`.
fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package stands in a workspace").to_owned()
}
