//! The alert pack, as it lies on the disk.

mod rules;
mod rule_tests;

use std::fs;
use std::path::{Path, PathBuf};

use crate::fault::Fault;

pub(crate) use self::rule_tests::TestFile;
pub(crate) use self::rules::{Rule, RuleFile, queries};

/// The files of a folder with this ending, in the order of their names; none where there is no such folder.
pub(crate) fn files(folder: &Path, ending: &str) -> Result<Vec<PathBuf>, Fault> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let unreadable = |error| Fault::of(folder, format!("cannot be read: {error}"));
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.is_file() && path.extension().is_some_and(|extension| extension == ending) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// The folder of the pack.
pub(crate) fn folder(alerts: &Path, name: &str) -> Result<PathBuf, Fault> {
    let folder = alerts.join(name);
    if folder.is_dir() {
        return Ok(folder);
    }
    Err(Fault::of(&folder, "is no folder; name the one that has `rules` and `tests` with --alerts"))
}
