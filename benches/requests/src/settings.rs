//! What the command line says.

use std::path::{Path, PathBuf};

use crate::contender;
use harness::Error;

const USAGE: &str = "arguments: [--rounds N] [--only CONTENDER,…] [--output FILE]";

pub(crate) struct Settings {
    pub(crate) rounds: usize,
    /// Contenders; all where there are none.
    only: Vec<String>,
    /// Where the page goes beside the standard output; a part of it goes nowhere unless told.
    pub(crate) output: Option<PathBuf>,
    pub(crate) arguments: String,
}

impl Settings {
    pub(crate) fn read(arguments: &[String]) -> Result<Self, Error> {
        let (mut rounds, mut only, mut output) = (15, Vec::new(), None);
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let value = rest.next().ok_or(USAGE)?;
            match argument.as_str() {
                "--rounds" => {
                    rounds = value.parse().map_err(|_| format!("--rounds: no number: {value}"))?;
                }
                "--only" => only = value.split(',').map(str::to_owned).collect(),
                "--output" => output = Some(value.into()),
                _ => return Err(USAGE.into()),
            }
        }
        if rounds == 0 {
            return Err("at least one round".into());
        }
        for name in &only {
            contender::find(name)?;
        }
        let whole = only.is_empty();
        Ok(Self {
            rounds,
            only,
            output: output.or_else(|| whole.then(|| workspace().join("results/requests.md"))),
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
