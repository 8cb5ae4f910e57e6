//! The measurements, interleaved: in each round every contender has a process of its own, and all of them are under load in turn,
//! a slice of time each and over again, so that whatever else the machine does falls on all of them.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::contender::{self, Contender};
use crate::load::{Answers, KINDS, Kind, Load};
use crate::processor::{Side, stay_on};
use crate::served::Served;
use crate::settings::Settings;
use harness::Error;
use harness::statistics::quantile;
use harness::values::Values;

const SEED: u64 = 7;
/// How long one contender is under load before the next one is.
const SLICE: Duration = Duration::from_millis(150);
/// How long allocations are counted, in which nothing else is measured.
const COUNTED: Duration = Duration::from_millis(50);

pub(crate) fn run(settings: &Settings) -> Result<Values, Error> {
    stay_on(Side::Client)?;
    let mut random = fastrand::Rng::with_seed(SEED);
    let mut values = Values::default();
    for round in 0..settings.rounds {
        eprintln!("round {} of {}", round + 1, settings.rounds);
        let mut servers = Vec::new();
        for contender in contender::ALL.into_iter().filter(|it| settings.takes(it.name)) {
            servers.push(UnderLoad::begin(contender)?);
        }
        for _ in 0..settings.slices {
            for kind in 0..KINDS.len() {
                random.shuffle(&mut servers);
                for server in &mut servers {
                    server.slice(kind)?;
                }
            }
        }
        for server in &mut servers {
            server.note(round, &mut values)?;
        }
    }
    Ok(values)
}

/// What came of one contender under one kind of load, over all slices of a round.
#[derive(Default)]
struct Sum {
    answers: Answers,
    processor: Duration,
}

/// A server with its connections.
struct UnderLoad {
    served: Served,
    /// By the place of the kind.
    loads: BTreeMap<usize, (Load, Sum)>,
}

impl UnderLoad {
    fn begin(contender: &'static Contender) -> Result<Self, Error> {
        let mut served = Served::start(contender)?;
        let takes = |kind: &Kind| kind.with_logs || !contender.logs;
        let kinds = KINDS.iter().enumerate().filter(|(_, kind)| takes(kind));
        let loads = served.running(|served| {
            kinds
                .map(|(place, kind)| {
                    Ok((place, (Load::begin(kind, contender, served.address)?, Sum::default())))
                })
                .collect()
        })?;
        Ok(Self { served, loads })
    }

    fn slice(&mut self, kind: usize) -> Result<(), Error> {
        let Some((load, sum)) = self.loads.get_mut(&kind) else { return Ok(()) };
        self.served.running(|served| {
            let before = served.processor_time()?;
            let answers = load.run(SLICE)?;
            sum.processor += served.processor_time()? - before;
            sum.answers.wall += answers.wall;
            sum.answers.latencies.extend(answers.latencies);
            Ok(())
        })
    }

    /// Counts allocations, and notes what came of the round.
    fn note(&mut self, round: usize, values: &mut Values) -> Result<(), Error> {
        let name = self.served.contender.name;
        for (&kind, (_, sum)) in &self.loads {
            note_sum(KINDS[kind].name, sum, |figure, value| values.insert(name, figure, round, value));
        }
        let loads = &mut self.loads;
        let (counted, told) = self.served.running(|served| {
            let (load, _) = loads.values_mut().next().ok_or("no load")?;
            served.count()?;
            let counted = load.run(COUNTED)?.latencies.len() as f64;
            Ok((counted, served.tell()?))
        })?;
        values.insert(name, "allocations", round, told.allocations as f64 / counted);
        let answered: u64 = loads.values().map(|(load, _)| load.answered).sum();
        if told.recorded > 0 {
            values.insert(name, "recorded", round, told.recorded as f64 / answered as f64);
        }
        Ok(())
    }
}

fn note_sum(kind: &str, sum: &Sum, mut note: impl FnMut(&str, f64)) {
    let requests = sum.answers.latencies.len() as f64;
    let latencies = || sum.answers.latencies.iter().map(|latency| f64::from(*latency));
    let wall = sum.answers.wall.as_secs_f64();
    note(&format!("{kind}-rate"), requests / wall);
    note(&format!("{kind}-p50"), quantile(latencies(), 0.5));
    note(&format!("{kind}-p99"), quantile(latencies(), 0.99));
    note(&format!("{kind}-cpu"), sum.processor.as_nanos() as f64 / requests);
    note(&format!("{kind}-busy"), sum.processor.as_secs_f64() / wall);
}
