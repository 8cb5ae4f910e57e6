//! What the command line says.

use std::path::{Path, PathBuf};

use recording::Error;

use crate::figures::Figure;

const USAGE: &str =
    "arguments: [--quick] [--rounds N] [--only CONTENDER,…] [--figures FIGURE,…] [--output FILE]";

pub(crate) struct Settings {
    pub(crate) quick: bool,
    pub(crate) rounds: usize,
    /// Contenders, and their variants; all where there are none.
    pub(crate) only: Vec<String>,
    pub(crate) figures: Vec<Figure>,
    /// Where the page goes beside the standard output; a part of it goes nowhere unless told.
    pub(crate) output: Option<PathBuf>,
    pub(crate) arguments: String,
}

impl Settings {
    pub(crate) fn read(arguments: &[String]) -> Result<Self, Error> {
        let (mut quick, mut rounds, mut only, mut output) = (false, None, Vec::new(), None);
        let mut figures = Figure::ALL.to_vec();
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            if argument == "--quick" {
                quick = true;
                continue;
            }
            let value = rest.next().ok_or(USAGE)?;
            let parts = || value.split(',').map(str::to_owned);
            match argument.as_str() {
                "--rounds" => {
                    rounds = Some(value.parse().map_err(|_| format!("--rounds: no number: {value}"))?)
                }
                "--only" => only = parts().collect(),
                "--figures" => figures = parts().map(|name| Figure::of(&name)).collect::<Result<_, _>>()?,
                "--output" => output = Some(value.into()),
                _ => return Err(USAGE.into()),
            }
        }
        if rounds == Some(0) {
            return Err("--rounds: at least one".into());
        }
        let whole = !quick && only.is_empty() && figures.len() == Figure::ALL.len();
        Ok(Self {
            quick,
            rounds: rounds.unwrap_or(if quick { 5 } else { 15 }),
            only,
            figures,
            output: output.or_else(|| whole.then(|| workspace().join("results/recording.md"))),
            arguments: arguments.join(" "),
        })
    }

    pub(crate) fn takes(&self, contender: &str) -> bool {
        let is = |only: &String| {
            contender.strip_prefix(only).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        };
        self.only.is_empty() || self.only.iter().any(is)
    }
}

/// The folder `benches/`.
pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package stands in a workspace").to_owned()
}
