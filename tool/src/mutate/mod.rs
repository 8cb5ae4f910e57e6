//! `tachograph mutate`: do the tests of the rules notice a mistake?
//!
//! promtool passes tests that test nothing. So each rule is changed in one place at a time, and the tests that see the rule
//! have to fail. A change is run against those tests alone, with only the rules that they need, which says the same and takes
//! a tenth of the time. A run over the whole pack takes minutes; `--sample` tries some of the changes, always the same.

mod mutation;
mod mutant;
mod cut;
mod accepted;
mod promtool;
mod report;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use clap::Args;

use crate::fault::{Fault, Faults};
use crate::mutate::accepted::Accepted;
use crate::mutate::cut::Cut;
use crate::mutate::mutant::{Mutant, mutants};
use crate::mutate::promtool::{Promtool, Verdict};
use crate::mutate::report::{Report, Tried};
use crate::pack::{Rule, RuleFile, TestFile};
use crate::yaml::Node;

/// Changes the rules in one place at a time and says which changes no test notices.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The folder with `rules` and `tests`.
    #[arg(long, default_value = "alerts")]
    alerts: PathBuf,
    /// Prometheus' own tool.
    #[arg(long, env = "PROMTOOL", default_value = "promtool")]
    promtool: PathBuf,
    /// Change only the rules of these files, such as `cache.yml`.
    #[arg(long, num_args = 1..)]
    rules: Vec<String>,
    /// Change only rules of these names.
    #[arg(long, num_args = 1..)]
    rule: Vec<String>,
    /// Try about this many changes of the whole, evenly chosen and always the same.
    #[arg(long)]
    sample: Option<usize>,
    /// How many to try at once.
    #[arg(long, default_value_t = 1)]
    jobs: usize,
    /// The percentage of the changes that has to be noticed, in each file.
    #[arg(long, default_value_t = 90)]
    minimum: usize,
}

/// One change to try, and the tests to try it with.
struct Trial {
    file: usize,
    rule: String,
    cuts: usize,
    mutant: Mutant,
}

/// Tries all changes.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Faults> {
    let files = RuleFile::all(&arguments.alerts).map_err(Faults)?;
    let tests = TestFile::all(&arguments.alerts).map_err(Faults)?;
    let accepted = Accepted::read(&arguments.alerts).map_err(Faults)?;
    let chosen = chosen(&files, arguments)?;
    let promtool = Promtool(arguments.promtool.clone());

    let mut cuts = Vec::new();
    let mut trials = Vec::new();
    for (file, rule) in chosen {
        cuts.push(tests.iter().filter_map(|tests| Cut::of(tests, &files, file, rule)).collect::<Vec<_>>());
        let trial = |mutant| Trial { file, rule: rule.name(), cuts: cuts.len() - 1, mutant };
        trials.extend(mutants(rule).into_iter().map(trial));
    }
    let trials = sampled(trials, arguments.sample);
    let used: BTreeSet<usize> = trials.iter().map(|trial| trial.cuts).collect();
    let used: Vec<usize> = used.into_iter().collect();
    let unchanged = in_parallel(&used, arguments.jobs, |cut| noticed(&promtool, &cuts[*cut], None))?;
    if let Some(said) = unchanged.into_iter().flatten().next() {
        return Err(Fault::new(format!(
            "the tests fail before anything is changed; mend them first\n{said}"
        ))
        .into());
    }
    let killed = in_parallel(&trials, arguments.jobs, |trial| {
        noticed(&promtool, &cuts[trial.cuts], Some(&trial.mutant.node)).map(|said| said.is_some())
    })?;
    let tried = trials.iter().zip(killed).map(|(trial, is_killed)| {
        let (path, file) = (&files[trial.file].path, files[trial.file].name());
        let is_accepted = accepted.has(&file, &trial.rule, &trial.mutant.change);
        Tried {
            path,
            file,
            rule: &trial.rule,
            line: trial.mutant.line,
            change: &trial.mutant.change,
            is_killed,
            is_accepted,
        }
    });
    let report = Report::new(tried.collect());
    print!("{report}");
    let is_whole = arguments.sample.is_none() && arguments.rules.is_empty() && arguments.rule.is_empty();
    let mut faults = report.below(arguments.minimum);
    faults.extend(
        accepted.stale(|file, rule, change| report.lives(file, rule, change).or(is_whole.then_some(false))),
    );
    if faults.is_empty() { Ok(()) } else { Err(Faults(faults)) }
}

/// The rules to change.
fn chosen<'a>(files: &'a [RuleFile], arguments: &Arguments) -> Result<Vec<(usize, &'a Rule)>, Fault> {
    let base = |name: &str| {
        Path::new(name).file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    };
    let wanted: Vec<String> = arguments.rules.iter().map(|name| base(name)).collect();
    if let Some(unknown) = wanted.iter().find(|name| files.iter().all(|file| file.name() != **name)) {
        return Err(Fault::new(format!(
            "there is no file of rules `{unknown}` in {}",
            arguments.alerts.join("rules").display()
        )));
    }
    let of_files =
        files.iter().enumerate().filter(|(_, file)| wanted.is_empty() || wanted.contains(&file.name()));
    let rules = of_files.flat_map(|(at, file)| file.rules.iter().map(move |rule| (at, rule)));
    let is_named = |rule: &Rule| {
        [rule.alert(), rule.record()]
            .into_iter()
            .flatten()
            .any(|name| arguments.rule.iter().any(|it| it == name))
    };
    let chosen: Vec<_> = rules.filter(|(_, rule)| arguments.rule.is_empty() || is_named(rule)).collect();
    if chosen.is_empty() {
        return Err(Fault::new(
            "there is no rule of that name; --rule takes the names of alerts and of recorded series",
        ));
    }
    Ok(chosen)
}

/// About `size` of them, each as far from the next as any other.
fn sampled(trials: Vec<Trial>, size: Option<usize>) -> Vec<Trial> {
    let Some(size) = size.filter(|size| *size < trials.len()) else { return trials };
    let count = trials.len();
    let is_chosen = |position: usize| position * size / count != (position + 1) * size / count;
    trials
        .into_iter()
        .enumerate()
        .filter(|(position, _)| is_chosen(*position))
        .map(|(_, trial)| trial)
        .collect()
}

/// What a test says against the rules, if any does.
fn noticed(promtool: &Promtool, cuts: &[Cut], mutant: Option<&Node>) -> Result<Option<String>, Fault> {
    for cut in cuts {
        let folder = tempfile::tempdir()
            .map_err(|error| Fault::new(format!("no room for temporary files: {error}")))?;
        let tests = cut
            .write(folder.path(), mutant)
            .map_err(|error| Fault::of(folder.path(), format!("cannot be written to: {error}")))?;
        if let Verdict::Fails(said) = promtool.test(&tests)? {
            return Ok(Some(said));
        }
    }
    Ok(None)
}

/// Does something with each item on several threads, and gives the results in their order.
fn in_parallel<T: Sync, R: Send>(
    items: &[T],
    jobs: usize,
    work: impl Fn(&T) -> Result<R, Fault> + Sync,
) -> Result<Vec<R>, Fault> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::with_capacity(items.len()));
    let worker = || {
        while let Some((position, item)) = {
            let position = next.fetch_add(1, Ordering::Relaxed);
            items.get(position).map(|item| (position, item))
        } {
            let result = work(item);
            // What failed once fails for all: nobody needs to try the rest.
            if result.is_err() {
                next.store(items.len(), Ordering::Relaxed);
            }
            results.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).push((position, result));
        }
    };
    thread::scope(|scope| {
        for _ in 0..jobs.max(1) {
            scope.spawn(worker);
        }
    });
    let mut results = results.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    results.sort_by_key(|(position, _)| *position);
    results.into_iter().map(|(_, result)| result).collect()
}
