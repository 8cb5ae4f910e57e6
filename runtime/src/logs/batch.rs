//! Lines on their way to the logs, one after the other in one buffer.

use super::route::{Log, Route};
#[cfg(unix)]
use super::spool::Half;

/// Whole lines in the order in which they were accepted.
#[derive(Debug)]
pub(super) struct Batch(Store);

#[derive(Debug)]
enum Store {
    Memory {
        bytes: Vec<u8>,
        lines: Vec<Line>,
    },
    #[cfg(unix)]
    Spool(Half),
}

/// What is known of a line without reading it.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(8))]
pub(super) struct Line {
    pub(super) length: u32,
    pub(super) route: Route,
}

/// How far a log came with a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Cursor {
    /// The lines before it are done.
    pub(super) line: usize,
    /// Where that line begins.
    pub(super) start: usize,
    /// How many of its bytes are written already.
    pub(super) partial: usize,
}

impl Default for Batch {
    fn default() -> Self {
        Self::with_capacity(0)
    }
}

impl Batch {
    /// Memory is reserved once, and touched only as far as lines ever fill it.
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self(Store::Memory { bytes: Vec::with_capacity(bytes), lines: Vec::new() })
    }

    /// A batch that outlives the process.
    #[cfg(unix)]
    pub(super) const fn in_spool(half: Half) -> Self {
        Self(Store::Spool(half))
    }

    /// The part of a spool that it is.
    #[cfg(unix)]
    pub(super) const fn half(&self) -> Option<&Half> {
        match &self.0 {
            Store::Memory { .. } => None,
            Store::Spool(half) => Some(half),
        }
    }

    /// Whether it outlives the process.
    pub(super) const fn is_spooled(&self) -> bool {
        !matches!(self.0, Store::Memory { .. })
    }

    /// Whether a line of this length may be added, where the batch is not to grow past `limit`. In memory, one that is
    /// longer may be, alone.
    pub(super) fn has_room(&self, length: usize, limit: usize) -> bool {
        match &self.0 {
            Store::Memory { bytes, .. } => bytes.is_empty() || bytes.len() + length <= limit,
            #[cfg(unix)]
            Store::Spool(half) => half.has_room(length),
        }
    }

    pub(super) fn push(&mut self, line: &[u8], route: Route) {
        match &mut self.0 {
            Store::Memory { bytes, lines } => {
                // Lines are bounded far below this; one that is not would be cut here rather than tear the next one.
                let length = u32::try_from(line.len()).unwrap_or(u32::MAX);
                bytes.extend_from_slice(&line[..length as usize]);
                lines.push(Line { length, route });
            }
            #[cfg(unix)]
            Store::Spool(half) => half.push(line, route),
        }
    }

    pub(super) fn clear(&mut self) {
        match &mut self.0 {
            Store::Memory { bytes, lines } => {
                bytes.clear();
                lines.clear();
            }
            #[cfg(unix)]
            Store::Spool(half) => half.clear(),
        }
    }

    /// In the copy of a process: the lines are the original's, and so is its spool.
    pub(super) fn disown(&mut self) {
        *self = Self::default();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lines().is_empty()
    }

    pub(super) fn bytes(&self) -> &[u8] {
        match &self.0 {
            Store::Memory { bytes, .. } => bytes,
            #[cfg(unix)]
            Store::Spool(half) => half.bytes(),
        }
    }

    pub(super) fn lines(&self) -> &[Line] {
        match &self.0 {
            Store::Memory { lines, .. } => lines,
            #[cfg(unix)]
            Store::Spool(half) => half.lines(),
        }
    }

    /// The lines of one log, with their bytes.
    pub(super) fn lines_of(&self, log: Log) -> impl Iterator<Item = &[u8]> {
        let mut start = 0;
        let all = self.bytes();
        self.lines().iter().filter_map(move |line| {
            let bytes = &all[start..start + line.length as usize];
            start += bytes.len();
            line.route.goes_to(log).then_some(bytes)
        })
    }
}

impl Cursor {
    /// Passes over the lines that do not go to `log`; gives the next one that does.
    pub(super) fn seek(&mut self, batch: &Batch, log: Log) -> Option<Line> {
        loop {
            let line = *batch.lines().get(self.line)?;
            if line.route.goes_to(log) {
                return Some(line);
            }
            self.pass(line);
        }
    }

    /// Advances by bytes that were written; gives how many lines they completed.
    pub(super) fn advance(&mut self, batch: &Batch, bytes: usize) -> u64 {
        let before = self.line;
        self.partial += bytes;
        while let Some(line) = batch.lines().get(self.line)
            && line.length as usize <= self.partial
        {
            let partial = self.partial - line.length as usize;
            self.pass(*line);
            self.partial = partial;
        }
        (self.line - before) as u64
    }

    /// Passes over a line.
    pub(super) fn pass(&mut self, line: Line) {
        self.line += 1;
        self.start += line.length as usize;
        self.partial = 0;
    }
}
