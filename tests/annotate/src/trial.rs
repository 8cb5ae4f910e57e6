//! One crate, from its name to the verdict.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::build::{self, Built, Diagnostic, Features, Settings};
use crate::insert::{self, Function, LeftOut, Place};
use crate::manifest;
use crate::request::{Request, Wanted};
use crate::source::{self, Folders, Published};
use crate::suite::{Results, Suite};
use crate::verdict::{Comparison, Verdict};

/// A build ends at its first errors; behind each may be others.
const ROUNDS: usize = 12;

/// Tries a crate; tells on standard error what it does.
pub(crate) fn run(wanted: &Wanted, request: &Request) -> Verdict {
    let fetched = Folders::new().and_then(|folders| Ok((source::fetch(wanted, &folders)?, folders)));
    let (version, outcome) = match fetched {
        Ok((published, folders)) => {
            let started = Instant::now();
            let trial =
                Trial { started, wanted, place: request.place, published: &published, folders: &folders };
            (published.version.clone(), trial.run())
        }
        Err(error) => (wanted.version.clone().unwrap_or_default(), Err(error)),
    };
    Verdict { name: wanted.name.clone(), version, outcome }
}

struct Trial<'a> {
    started: Instant,
    wanted: &'a Wanted,
    place: Place,
    published: &'a Published,
    folders: &'a Folders,
}

impl Trial<'_> {
    fn run(&self) -> Result<Comparison, String> {
        self.say("without the attribute");
        let plain = self.copy("plain")?;
        let (settings, before) = self.build_plain(&plain)?;
        if before.is_proc_macro {
            return Err("a crate of procedural macros".to_owned());
        }
        self.say("built, runs its tests");
        let suite = self.suite(&plain, &settings);
        let results_before = suite.run(&before.executables)?;

        self.say("with the attribute");
        let annotated = self.copy("annotated")?;
        manifest::depend(&annotated)?;
        source::write(&annotated.join("Cargo.lock"), &source::read(&plain.join("Cargo.lock"))?)?;
        let mut comparison = Comparison { built: settings.told(), ..Comparison::default() };
        let after = self.build_annotated(&annotated, &settings, &before, &mut comparison)?;
        compare_warnings(&before, &after, &mut comparison);
        see_measured(&after)?;
        self.say("built, runs its tests");
        let suite = self.suite(&annotated, &settings);
        let results_after = suite.run(&after.executables)?;
        self.compare_tests(&results_before, &results_after, &suite, &after, &mut comparison);
        Ok(comparison)
    }

    /// Builds as published; where that fails, with lints capped, with all features, or without the targets that do
    /// not build.
    fn build_plain(&self, folder: &Path) -> Result<(Settings, Built), String> {
        let features = Features::Named(self.wanted.features.clone());
        let mut settings =
            Settings { target: self.folders.build(), features, targets: Vec::new(), cap_lints: false };
        let first = build::build(folder, &settings)?;
        if first.success {
            return Ok((settings, first));
        }
        settings.cap_lints = first.errors().any(Diagnostic::is_lint);
        let capped = if settings.cap_lints { build::build(folder, &settings)? } else { first };
        if capped.success {
            return Ok((settings, capped));
        }
        if self.wanted.features.is_empty() {
            let all = Settings { features: Features::All, ..settings.clone() };
            let built = build::build(folder, &all)?;
            if built.success {
                return Ok((all, built));
            }
        }
        settings.targets = capped.targets();
        if !settings.targets.is_empty() {
            let built = build::build(folder, &settings)?;
            if built.success {
                return Ok((settings, built));
            }
        }
        let first = capped.errors().next().map_or(&capped.stderr, |error| &error.rendered);
        Err(format!("does not build without the attribute: {first}"))
    }

    /// Builds with the attribute; leaves out the functions that rustc complains of and builds again, so that all of
    /// them are found and the tests of the rest are run.
    fn build_annotated(
        &self,
        folder: &Path,
        settings: &Settings,
        plain: &Built,
        comparison: &mut Comparison,
    ) -> Result<Built, String> {
        let mut without = BTreeMap::<PathBuf, BTreeSet<(String, usize)>>::new();
        let mut round = 0;
        loop {
            let functions = self.annotate(folder, plain, &without, comparison)?;
            let built = build::build(folder, settings)?;
            if built.success {
                return Ok(built);
            }
            round += 1;
            let found = blamed(&built, &functions);
            for error in built.errors() {
                eprintln!("{}", error.rendered);
            }
            if found.is_empty() || round == ROUNDS {
                if built.errors().next().is_none() {
                    eprintln!("{}", built.stderr);
                }
                comparison.unexplained = true;
                return Ok(built);
            }
            for (file, function) in found {
                self.say(&format!("does not compile: {}", told(&file, &function)));
                comparison.broken.push(told(&file, &function));
                without.entry(file).or_default().insert((function.name, function.lines.0));
            }
        }
    }

    /// Writes the annotated files, from the published ones; gives the functions of each.
    fn annotate(
        &self,
        folder: &Path,
        plain: &Built,
        without: &BTreeMap<PathBuf, BTreeSet<(String, usize)>>,
        comparison: &mut Comparison,
    ) -> Result<BTreeMap<PathBuf, Vec<Function>>, String> {
        let (mut functions, none) = (BTreeMap::new(), BTreeSet::new());
        (comparison.annotated, comparison.left_out, comparison.files) = Default::default();
        let is_rust = |file: &&PathBuf| file.extension().is_some_and(|extension| extension == "rs");
        for file in plain.sources.iter().filter(is_rust) {
            let mut skip = |why: &str| comparison.files.push(format!("{}: {why}", file.display()));
            if plain.build_script.contains(file) {
                skip("part of the build script");
                continue;
            }
            let text = source::read(&self.published.folder.join(file))?;
            let root = plain.roots.get(file).is_some_and(|edition| edition == "2015");
            let without = without.get(file).unwrap_or(&none);
            match insert::annotate(&text, self.place, root, without) {
                Ok(annotated) => {
                    source::write(&folder.join(file), &annotated.text)?;
                    for function in &annotated.functions {
                        match function.left_out {
                            None | Some(LeftOut::Asked) => comparison.annotated += 1,
                            Some(why) => *comparison.left_out.entry(why).or_default() += 1,
                        }
                    }
                    functions.insert(file.clone(), annotated.functions);
                }
                Err(error) => skip(&error),
            }
        }
        Ok(functions)
    }

    fn compare_tests(
        &self,
        before: &Results,
        after: &Results,
        suite: &Suite<'_>,
        built: &Built,
        comparison: &mut Comparison,
    ) {
        let passed = |results: &Results| results.values().filter(|passed| **passed).count();
        (comparison.passed_before, comparison.passed_after) = (passed(before), passed(after));
        for (test, _) in before.iter().filter(|(_, passed)| **passed) {
            if after.get(test) == Some(&true) {
                continue;
            }
            // A test that lives off its neighbours or off the machine's mood gets a second chance, which is told.
            match suite.run_one(&built.executables, test) {
                Ok(()) => {
                    comparison.repeated.push(test.clone());
                    comparison.passed_after += 1;
                }
                Err(said) => {
                    self.say(&format!("fails: {test}\n{said}"));
                    comparison.failed.push(test.clone());
                }
            }
        }
    }

    fn copy(&self, purpose: &str) -> Result<PathBuf, String> {
        let name = format!("{}-{}", self.wanted.name, self.published.version);
        let folder = self.folders.of(purpose, &name);
        source::copy(&self.published.folder, &folder)?;
        manifest::detach(&folder)?;
        Ok(folder)
    }

    fn suite<'b>(&'b self, folder: &'b Path, settings: &'b Settings) -> Suite<'b> {
        Suite { folder, settings, name: &self.wanted.name, version: &self.published.version }
    }

    fn say(&self, what: &str) {
        let seconds = self.started.elapsed().as_secs();
        eprintln!("{} {} [{seconds} s]: {what}", self.wanted.name, self.published.version);
    }
}

/// Sees that the attribute did something: a run with an attribute that is switched off would always be a success.
fn see_measured(built: &Built) -> Result<(), String> {
    const LABEL: &[u8] = b",component=\"application\"";
    let mut measured = built.executables.is_empty();
    for executable in &built.executables {
        let failed = |error| format!("{}: {error}", executable.path.display());
        let program = std::fs::read(&executable.path).map_err(failed)?;
        measured |= program.windows(LABEL.len()).any(|bytes| bytes == LABEL);
    }
    if measured { Ok(()) } else { Err("no test binary holds a call site".to_owned()) }
}

/// The annotated functions that errors are about: of each error, the innermost function around the first place that
/// lies in one.
fn blamed(built: &Built, functions: &BTreeMap<PathBuf, Vec<Function>>) -> Vec<(PathBuf, Function)> {
    let mut found: Vec<(PathBuf, Function)> = Vec::new();
    for error in built.errors() {
        let around = |(file, line): &(PathBuf, usize)| {
            let around = functions.get(file)?.iter().filter(|function| {
                function.left_out.is_none() && (function.lines.0..=function.lines.1).contains(line)
            });
            let innermost = around.min_by_key(|function| function.lines.1 - function.lines.0)?;
            Some((file.clone(), innermost.clone()))
        };
        let culprit = error.places.iter().find_map(around);
        found.extend(culprit.filter(|culprit| !found.contains(culprit)));
    }
    found
}

fn told(file: &Path, function: &Function) -> String {
    format!("{} ({}:{})", function.name, file.display(), function.lines.0)
}

/// Lines are the same in both, so that a warning is known by its name and its place.
fn compare_warnings(before: &Built, after: &Built, comparison: &mut Comparison) {
    if comparison.unexplained {
        return;
    }
    let known = |built: &Built| -> BTreeSet<String> {
        let warnings = built.diagnostics.iter().filter(|each| !each.is_error);
        warnings.filter_map(named).collect()
    };
    let unmeasured: BTreeSet<String> =
        after.diagnostics.iter().filter(|each| says_unmeasured(each)).filter_map(named).collect();
    comparison.unmeasured = unmeasured.len();
    let (before, after) = (known(before), &known(after) - &unmeasured);
    comparison.warnings_new = after.difference(&before).cloned().collect();
    comparison.warnings_lost = before.difference(&after).cloned().collect();
}

/// The attribute's own warning, where a function returns a future of a type that nothing can be put around.
fn says_unmeasured(warning: &Diagnostic) -> bool {
    !warning.is_error && warning.message.contains("calls of this function are not measured")
}

fn named(warning: &Diagnostic) -> Option<String> {
    let (file, line) = warning.places.first()?;
    let name = warning.lint.as_ref().unwrap_or(&warning.message);
    Some(format!("{name} at {}:{line}", file.display()))
}
