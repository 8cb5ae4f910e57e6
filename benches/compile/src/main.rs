//! What an attribute costs at compile time: `#[timed]` beside its peers, in one run, on one machine.
//!
//! ```text
//! manifests ─► Contender ─┬─► functions ─► rustc, in shuffled rounds ─► compile times
//!                         ├─► sample ─► expansion lines, future sizes                  ─► a page of tables
//!                         └─► cargo tree ─► crates
//! ```

mod contender;
mod functions;
mod rustc;
mod rounds;
mod expansion;
mod future_size;
mod report;

use std::path::{Path, PathBuf};

use crate::contender::Contender;
use crate::functions::{Body, Kind};
use crate::report::Report;
use crate::rounds::Case;
use crate::rustc::Mode;

pub(crate) type Error = Box<dyn std::error::Error>;

const USAGE: &str = "arguments: [--rounds N] [--only CONTENDER,…] [--output FILE]";

fn main() -> Result<(), Error> {
    let settings = Settings::read(std::env::args().skip(1))?;
    let contenders = contender::all(&settings.only)?;
    let work = workspace().join("target/compile");
    std::fs::create_dir_all(&work)?;

    let cases = cases(&contenders, &work)?;
    let times = rounds::run(&contenders, &cases, settings.rounds, &work)?;
    let lines = expansion::lines(&contenders, &work)?;
    let sizes = future_size::sizes(&contenders, &work)?;

    let page = Report { contenders: &contenders, rounds: settings.rounds, times, lines, sizes }.render()?;
    print!("{page}");
    std::fs::write(&settings.output, page)
        .map_err(|error| format!("{}: {error}", settings.output.display()))?;
    Ok(())
}

/// Every source, written once, in every way in which it is compiled.
fn cases(contenders: &[Contender], work: &Path) -> Result<Vec<Case>, Error> {
    let mut cases = Vec::new();
    for body in [Body::Small, Body::Tiny] {
        for kind in [Kind::Sync, Kind::Async] {
            let functions = functions::source(kind, body);
            let mut sources = Vec::new();
            for contender in contenders {
                let path = work.join(format!("{}-{kind:?}-{body:?}.rs", contender.name).to_lowercase());
                std::fs::write(&path, contender.annotate(&functions))?;
                sources.push(path);
            }
            let modes: &[Mode] = match body {
                Body::Small => &[Mode::Build, Mode::BuildAtOnce, Mode::Check],
                Body::Tiny => &[Mode::Build],
            };
            cases.extend(modes.iter().map(|&mode| Case { kind, body, mode, sources: sources.clone() }));
        }
    }
    Ok(cases)
}

struct Settings {
    rounds: usize,
    only: Vec<String>,
    output: PathBuf,
}

impl Settings {
    fn read(mut arguments: impl Iterator<Item = String>) -> Result<Self, Error> {
        let output = workspace().join("results/attributes.md");
        let mut settings = Self { rounds: 5, only: Vec::new(), output };
        while let Some(argument) = arguments.next() {
            let value = arguments.next().ok_or(USAGE)?;
            match argument.as_str() {
                "--rounds" => settings.rounds = value.parse()?,
                "--only" => settings.only = value.split(',').map(str::to_owned).collect(),
                "--output" => settings.output = value.into(),
                _ => return Err(USAGE.into()),
            }
        }
        if settings.rounds == 0 {
            return Err("--rounds: at least one".into());
        }
        Ok(settings)
    }
}

/// The folder `benches/`.
fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package stands in a workspace").to_owned()
}
