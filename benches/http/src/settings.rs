//! What the command line says.

use std::path::{Path, PathBuf};

use crate::contender;
use harness::Error;

const USAGE: &str = "arguments: [--rounds N] [--slices N] [--only CONTENDER,…] [--output FILE]";

pub(crate) struct Settings {
    pub(crate) rounds: usize,
    /// How often each contender is under each load in a round.
    pub(crate) slices: usize,
    /// Contenders; all where there are none.
    only: Vec<String>,
    /// Where the page goes beside the standard output; a part of it goes nowhere unless told.
    pub(crate) output: Option<PathBuf>,
    pub(crate) arguments: String,
}

impl Settings {
    pub(crate) fn read(arguments: &[String]) -> Result<Self, Error> {
        let (mut rounds, mut slices, mut only, mut output) = (15, 6, Vec::new(), None);
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let value = rest.next().ok_or(USAGE)?;
            let number = || value.parse().map_err(|_| format!("{argument}: no number: {value}"));
            match argument.as_str() {
                "--rounds" => rounds = number()?,
                "--slices" => slices = number()?,
                "--only" => only = value.split(',').map(str::to_owned).collect(),
                "--output" => output = Some(value.into()),
                _ => return Err(USAGE.into()),
            }
        }
        if rounds == 0 || slices == 0 {
            return Err("at least one round of one slice".into());
        }
        for name in &only {
            contender::find(name)?;
        }
        let whole = only.is_empty();
        Ok(Self {
            rounds,
            slices,
            only,
            output: output.or_else(|| whole.then(|| workspace().join("results/http.md"))),
            arguments: arguments.join(" "),
        })
    }

    /// The service alone is always measured: all ratios are to it.
    pub(crate) fn takes(&self, contender: &str) -> bool {
        let is_named = || self.only.iter().any(|only| only == contender);
        contender == contender::BARE || self.only.is_empty() || is_named()
    }
}

/// The folder `benches/`.
fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package stands in a workspace").to_owned()
}
