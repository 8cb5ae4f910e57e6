//! The measurements, interleaved: in each round every contender compiles every case once, in an order of its own, so
//! that whatever else the machine does falls on all of them.

use std::path::{Path, PathBuf};

use crate::Error;
use crate::contender::Contender;
use crate::functions::{Body, Kind};
use crate::rustc::{self, Cost, Mode};

const SEED: u64 = 3;

pub(crate) struct Case {
    pub(crate) kind: Kind,
    pub(crate) body: Body,
    pub(crate) mode: Mode,
    /// A file for each contender.
    pub(crate) sources: Vec<PathBuf>,
}

/// What a case took, for each contender.
pub(crate) struct Times {
    pub(crate) kind: Kind,
    pub(crate) body: Body,
    pub(crate) mode: Mode,
    pub(crate) contenders: Vec<Summary>,
}

/// Of all rounds.
pub(crate) struct Summary {
    pub(crate) wall: Ratio,
    pub(crate) user: Ratio,
}

pub(crate) struct Ratio {
    /// The median, in seconds.
    pub(crate) seconds: f64,
    /// Of the rounds' ratios to the plain crate: median, least and greatest.
    pub(crate) median: f64,
    pub(crate) least: f64,
    pub(crate) greatest: f64,
}

/// Runs all rounds; the first contender is the one to compare with.
pub(crate) fn run(
    contenders: &[Contender],
    cases: &[Case],
    rounds: usize,
    work: &Path,
) -> Result<Vec<Times>, Error> {
    let mut random = fastrand::Rng::with_seed(SEED);
    let mut costs = vec![vec![Vec::new(); contenders.len()]; cases.len()];
    let output = work.join("output");
    for round in 0..rounds {
        eprintln!("round {} of {rounds}", round + 1);
        let mut order: Vec<_> = (0..cases.len()).collect();
        random.shuffle(&mut order);
        for case in order {
            // A ratio is taken between neighbours in time.
            let mut order: Vec<_> = (0..contenders.len()).collect();
            random.shuffle(&mut order);
            for contender in order {
                let Case { mode, sources, .. } = &cases[case];
                let cost = rustc::compile(&contenders[contender], &sources[contender], *mode, &output)?;
                costs[case][contender].push(cost);
            }
        }
    }
    Ok(cases.iter().zip(costs).map(|(case, costs)| summary(case, &costs)).collect())
}

fn summary(case: &Case, costs: &[Vec<Cost>]) -> Times {
    let ratio = |of: &[Cost], part: fn(&Cost) -> f64| {
        let ratios = sorted(of.iter().zip(&costs[0]).map(|(cost, plain)| part(cost) / part(plain)));
        Ratio {
            seconds: median(&sorted(of.iter().map(part))),
            median: median(&ratios),
            least: ratios[0],
            greatest: ratios[ratios.len() - 1],
        }
    };
    let summary = |of: &Vec<Cost>| Summary {
        wall: ratio(of, |cost| cost.wall.as_secs_f64()),
        user: ratio(of, |cost| cost.user.as_secs_f64()),
    };
    Times {
        kind: case.kind,
        body: case.body,
        mode: case.mode,
        contenders: costs.iter().map(summary).collect(),
    }
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}

fn median(sorted: &[f64]) -> f64 {
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[middle] } else { f64::midpoint(sorted[middle - 1], sorted[middle]) }
}
