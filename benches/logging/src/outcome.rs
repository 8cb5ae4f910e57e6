//! What of the events is in the files: every line of every file is parsed.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use serde_json::Value;

use harness::Error;

#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// Events without a line.
    pub(crate) lost: u64,
    /// Lines that are no record.
    pub(crate) torn: u64,
    /// Lines more than events.
    pub(crate) doubled: u64,
}

impl Outcome {
    /// Of the events that are numbered from 0 to `events`.
    pub(crate) fn of(directory: &Path, events: u64) -> Result<Self, Error> {
        let mut seen = vec![false; events as usize];
        let mut outcome = Self::default();
        for entry in std::fs::read_dir(directory)? {
            let path = entry?.path();
            if path.is_file() {
                outcome.read(&path, &mut seen)?;
            }
        }
        outcome.lost = seen.iter().filter(|seen| !**seen).count() as u64;
        Ok(outcome)
    }

    fn read(&mut self, path: &Path, seen: &mut [bool]) -> Result<(), Error> {
        let mut lines = BufReader::with_capacity(1 << 20, File::open(path)?);
        let mut line = Vec::new();
        while lines.read_until(b'\n', &mut line)? > 0 {
            match serde_json::from_slice(&line) {
                Ok(record) if line.ends_with(b"\n") => {
                    // What a log says of itself has no number.
                    if let Some(seen) = number(&record).and_then(|number| seen.get_mut(number as usize)) {
                        self.doubled += u64::from(std::mem::replace(seen, true));
                    }
                }
                _ => self.torn += 1,
            }
            line.clear();
        }
        Ok(())
    }
}

/// The number of an event, wherever its contender put it.
fn number(record: &Value) -> Option<u64> {
    let object = record.as_object()?;
    object.get("number").and_then(Value::as_u64).or_else(|| object.values().find_map(number))
}
