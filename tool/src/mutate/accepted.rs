//! The survivors that somebody looked at and found to be no mistakes.

use std::fs;
use std::path::{Path, PathBuf};

use crate::fault::Fault;

/// Those that `tests/survivors.txt` names: `file | rule | change | why no test can tell`.
#[derive(Debug)]
pub(crate) struct Accepted {
    path: PathBuf,
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    line: usize,
    file: String,
    rule: String,
    change: String,
}

impl Accepted {
    /// Reads them; where there is no such file there are none.
    pub(crate) fn read(alerts: &Path) -> Result<Self, Vec<Fault>> {
        let path = alerts.join("tests/survivors.txt");
        if !path.exists() {
            return Ok(Self { path, entries: Vec::new() });
        }
        let text = fs::read_to_string(&path)
            .map_err(|error| vec![Fault::of(&path, format!("cannot be read: {error}"))])?;
        let (mut entries, mut faults) = (Vec::new(), Vec::new());
        for (at, line) in
            text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'))
        {
            match Entry::parse(at + 1, line) {
                Some(entry) => entries.push(entry),
                None => faults.push(Fault::at(
                    &path,
                    at + 1,
                    "is to be `file | rule | change | reason`, as `tachograph mutate` prints the first three",
                )),
            }
        }
        if faults.is_empty() { Ok(Self { path, entries }) } else { Err(faults) }
    }

    pub(crate) fn has(&self, file: &str, rule: &str, change: &str) -> bool {
        self.entries.iter().any(|entry| entry.is(file, rule, change))
    }

    /// What is wrong with an entry: no mutant is so, or a test has come to tell. `lives` says neither, where that mutant was
    /// not tried.
    pub(crate) fn stale(&self, lives: impl Fn(&str, &str, &str) -> Option<bool>) -> Vec<Fault> {
        let fault = |entry: &Entry| {
            let lives = lives(&entry.file, &entry.rule, &entry.change)?;
            let message = "accepts a mutant that does not survive, or that is none: take the line out";
            (!lives).then(|| Fault::at(&self.path, entry.line, message))
        };
        self.entries.iter().filter_map(fault).collect()
    }
}

impl Entry {
    fn parse(line: usize, text: &str) -> Option<Self> {
        let parts: Vec<_> = text.split(" | ").map(str::trim).collect();
        match parts[..] {
            [file, rule, ref change @ .., reason] if !change.is_empty() && !reason.is_empty() => {
                Some(Self { line, file: file.to_owned(), rule: rule.to_owned(), change: change.join(" | ") })
            }
            _ => None,
        }
    }

    fn is(&self, file: &str, rule: &str, change: &str) -> bool {
        self.file == file && self.rule == rule && self.change == change
    }
}
