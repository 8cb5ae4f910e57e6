//! A package's tests, built; what rustc said, and which files it read.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use crate::process;
use crate::source;

const LIMIT: Duration = Duration::from_secs(1800);

/// How a package is built, the same with the attribute and without.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) target: PathBuf,
    pub(crate) features: Features,
    /// The targets to build, as cargo's options; all that are tested where there are none.
    pub(crate) targets: Vec<String>,
    /// Lints that the crate denies, and that rustc learned after its publication, may not end the build.
    pub(crate) cap_lints: bool,
}

#[derive(Clone)]
pub(crate) enum Features {
    /// The default ones and these.
    Named(Vec<String>),
    All,
}

impl Settings {
    /// The command that builds the tests.
    fn command(&self) -> Vec<String> {
        let features = match &self.features {
            Features::Named(names) => ["--features".to_owned(), names.join(",")].to_vec(),
            Features::All => vec!["--all-features".to_owned()],
        };
        // Only `build` goes on behind an error, and only `test` takes the library for its unit tests.
        let build: &[&str] = if self.targets.is_empty() {
            &["build", "--tests", "--keep-going"]
        } else {
            &["test", "--no-run"]
        };
        build.iter().map(ToString::to_string).chain(self.targets.iter().cloned()).chain(features).collect()
    }

    /// What of this is not as the crate came.
    pub(crate) fn told(&self) -> Vec<String> {
        let mut told = Vec::new();
        if self.cap_lints {
            told.push("with lints capped".to_owned());
        }
        if matches!(self.features, Features::All) {
            told.push("with all features".to_owned());
        }
        if !self.targets.is_empty() {
            told.push(format!("only {}", self.targets.join(" ")));
        }
        told
    }

    /// A command as cargo would run it for these settings.
    pub(crate) fn apply<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        if self.cap_lints {
            command.env("RUSTFLAGS", "--cap-lints=warn");
        }
        command
            .env("CARGO_TARGET_DIR", &self.target)
            .env("CARGO_INCREMENTAL", "0")
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .env("CARGO_PROFILE_TEST_DEBUG", "0")
    }
}

#[derive(Default)]
pub(crate) struct Built {
    pub(crate) success: bool,
    /// Of this package; errors before warnings make no difference here, they come as rustc told them.
    pub(crate) diagnostics: Vec<Diagnostic>,
    pub(crate) executables: Vec<Executable>,
    /// The package's own files, relative to it, that are part of what is tested.
    pub(crate) sources: BTreeSet<PathBuf>,
    /// Those of its build script, which must not be changed.
    pub(crate) build_script: BTreeSet<PathBuf>,
    /// The first file of each target, and the target's edition.
    pub(crate) roots: BTreeMap<PathBuf, String>,
    pub(crate) is_proc_macro: bool,
    /// What cargo itself said.
    pub(crate) stderr: String,
}

pub(crate) struct Diagnostic {
    pub(crate) is_error: bool,
    pub(crate) lint: Option<String>,
    pub(crate) message: String,
    /// The places it is about, the main ones first.
    pub(crate) places: Vec<(PathBuf, usize)>,
    pub(crate) rendered: String,
}

/// A test binary.
pub(crate) struct Executable {
    /// Its kind and name, such as `test basic`.
    pub(crate) target: String,
    pub(crate) path: PathBuf,
}

/// Builds the unit tests and integration tests of a package.
pub(crate) fn build(folder: &Path, settings: &Settings) -> Result<Built, String> {
    let mut command = source::cargo(folder);
    command.args(settings.command()).args(["--message-format", "json"]);
    let finished = process::run(settings.apply(&mut command), LIMIT)?;
    let mut built =
        Built { success: finished.success(), stderr: finished.stderr.clone(), ..Built::default() };
    let manifest = folder.join("Cargo.toml");
    for line in finished.stdout.lines() {
        let Ok(message) = serde_json::from_str::<Value>(line) else { continue };
        if message["manifest_path"].as_str().map(Path::new) != Some(&manifest) {
            continue;
        }
        match message["reason"].as_str() {
            Some("compiler-message") => built.diagnostics.push(Diagnostic::read(&message["message"], folder)),
            Some("compiler-artifact") => built.artifact(&message, folder)?,
            _ => {}
        }
    }
    Ok(built)
}

impl Built {
    fn artifact(&mut self, message: &Value, folder: &Path) -> Result<(), String> {
        let target = &message["target"];
        let is_kind = |kind: &str| strings(&target["kind"]).any(|each| each == kind);
        let outputs: Vec<PathBuf> = strings(&message["filenames"]).map(PathBuf::from).collect();
        let root = Path::new(target["src_path"].as_str().unwrap_or(""));
        let root = root.strip_prefix(folder).unwrap_or(root).to_owned();
        if is_kind("custom-build") {
            self.build_script.insert(root);
            self.build_script.extend(files_beside(&outputs, folder)?);
            return Ok(());
        }
        self.is_proc_macro |= is_kind("proc-macro");
        self.roots.insert(root, target["edition"].as_str().unwrap_or("").to_owned());
        for output in &outputs {
            self.sources.extend(files_read(&dep_info(output), folder)?);
        }
        if let (Some(path), true) = (message["executable"].as_str(), message["profile"]["test"] == true) {
            let (kind, name) = (strings(&target["kind"]).next().unwrap_or(""), target["name"].as_str());
            let target = format!("{kind} {}", name.unwrap_or(""));
            self.executables.push(Executable { target, path: path.into() });
        }
        Ok(())
    }

    /// The options that build again what was built.
    pub(crate) fn targets(&self) -> Vec<String> {
        let option = |executable: &Executable| match executable.target.split_once(' ') {
            Some((kind @ ("test" | "bin" | "example"), name)) => vec![format!("--{kind}"), name.to_owned()],
            _ => vec!["--lib".to_owned()],
        };
        self.executables.iter().flat_map(option).collect()
    }

    pub(crate) fn errors(&self) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.is_error)
    }
}

impl Diagnostic {
    /// Errors of the language itself have a number for a name, or none.
    pub(crate) fn is_lint(&self) -> bool {
        self.lint.as_ref().is_some_and(|name| !name.starts_with('E'))
    }

    fn read(message: &Value, folder: &Path) -> Self {
        let mut places = Vec::new();
        gather(message, folder, true, &mut places);
        gather(message, folder, false, &mut places);
        Self {
            is_error: message["level"].as_str().is_some_and(|level| level.starts_with("error")),
            lint: message["code"]["code"].as_str().map(ToOwned::to_owned),
            message: message["message"].as_str().unwrap_or("").to_owned(),
            places,
            rendered: message["rendered"].as_str().unwrap_or("").to_owned(),
        }
    }
}

/// The places in this package that a diagnostic names, also through the macros they come from.
fn gather(message: &Value, folder: &Path, primary: bool, places: &mut Vec<(PathBuf, usize)>) {
    for span in array(&message["spans"]).iter().filter(|span| span["is_primary"] == primary) {
        let mut span = span;
        while span.is_object() {
            let file = Path::new(span["file_name"].as_str().unwrap_or(""));
            let file = file.strip_prefix(folder).unwrap_or(file);
            let line = span["line_start"].as_u64().and_then(|line| usize::try_from(line).ok());
            if let (true, Some(line)) = (file.is_relative(), line) {
                places.push((file.to_owned(), line));
            }
            span = &span["expansion"]["span"];
        }
    }
}

/// The file in which rustc lists what it read for an output.
fn dep_info(output: &Path) -> PathBuf {
    let stem = output.file_stem().unwrap_or_default().to_string_lossy();
    let is_library = output.extension().is_some();
    let stem = if is_library { stem.strip_prefix("lib").unwrap_or(&stem) } else { &stem };
    output.with_file_name(format!("{stem}.d"))
}

/// A build script's executable has another name than its list.
fn files_beside(outputs: &[PathBuf], folder: &Path) -> Result<BTreeSet<PathBuf>, String> {
    let mut files = BTreeSet::new();
    for parent in outputs.iter().filter_map(|output| output.parent()) {
        let failed = |error| format!("{}: {error}", parent.display());
        for entry in fs::read_dir(parent).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            if path.extension().is_some_and(|extension| extension == "d") {
                files.extend(files_read(&path, folder)?);
            }
        }
    }
    Ok(files)
}

/// The package's files in such a list; none where there is no list.
fn files_read(list: &Path, folder: &Path) -> Result<BTreeSet<PathBuf>, String> {
    if !list.exists() {
        return Ok(BTreeSet::new());
    }
    let text = source::read(list)?;
    // Each file also stands as a rule of its own, in a line `file:`.
    let files = text.lines().filter_map(|line| line.strip_suffix(':')).map(|file| file.replace("\\ ", " "));
    let own = |file: String| {
        let path = Path::new(&file);
        if path.is_absolute() {
            path.strip_prefix(folder).ok().map(Path::to_owned)
        } else {
            Some(path.into())
        }
    };
    Ok(files.filter_map(own).collect())
}

fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn strings(value: &Value) -> impl Iterator<Item = &str> {
    array(value).iter().filter_map(Value::as_str)
}
