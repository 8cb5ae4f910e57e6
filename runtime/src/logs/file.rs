//! One log file: whole lines, appended in batches, never above its limit.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::batch::{Batch, Cursor};
use super::counters::{Counters, Operation, Reason};
use super::disk::{Disk, LogHandle, Opened};
use super::rotation::{Backoff, Rotation};
use super::route::Log;
use crate::clock;

/// A log file and its backups.
pub(super) struct LogFile {
    log: Log,
    path: PathBuf,
    handle: Box<dyn LogHandle>,
    size: u64,
    rotation: Rotation,
    /// Between attempts to rotate, while the file grows past its limit.
    backoff: Backoff,
    disk: Arc<dyn Disk>,
    counters: Arc<Counters>,
}

impl LogFile {
    pub(super) fn open(
        log: Log,
        path: &Path,
        rotation: Rotation,
        disk: Arc<dyn Disk>,
        counters: Arc<Counters>,
    ) -> io::Result<Self> {
        let Opened { file, size, is_torn } = disk.open(path)?;
        let backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(60));
        let mut opened =
            Self { log, path: path.to_owned(), handle: file, size, rotation, backoff, disk, counters };
        if is_torn {
            // The torn line stays torn, but takes no other with it. Should this fail, so will the next write.
            opened.size += opened.handle.write(b"\n").unwrap_or(0) as u64;
        }
        Ok(opened)
    }

    /// Appends the lines that are this log's, from the cursor on. Where that fails, the cursor tells how far it came,
    /// and another call goes on from there.
    pub(super) fn append(&mut self, batch: &Batch, cursor: &mut Cursor) -> io::Result<()> {
        while let Some(next) = cursor.seek(batch, self.log) {
            if cursor.partial == 0 && self.rotation.is_due(self.size, next.length.into()) {
                self.rotate();
            }
            let end = self.end_of_run(batch, *cursor);
            if let Err(error) = self.write_until(end, batch, cursor) {
                self.counters.failed(self.log, Operation::Write);
                return Err(error);
            }
        }
        Ok(())
    }

    /// Gives up the lines from the cursor on: counts them, and takes back the beginning of a line that has no end.
    pub(super) fn abandon(&mut self, batch: &Batch, mut cursor: Cursor) {
        self.take_back(cursor);
        while let Some(line) = cursor.seek(batch, self.log) {
            self.counters.dropped(self.log, Reason::WriteFailed);
            cursor.pass(line);
        }
    }

    /// Takes back the beginning of a line. Where the disk refuses even that, the next start ends the torn line.
    pub(super) fn take_back(&mut self, cursor: Cursor) {
        let partial = cursor.partial as u64;
        if partial > 0 && self.handle.take_back(self.size, partial).is_ok() {
            self.size -= partial;
        }
    }

    /// Where the lines end that can be written at once: neighbours in the batch that the file has room for.
    fn end_of_run(&self, batch: &Batch, cursor: Cursor) -> usize {
        let mut length = 0;
        for line in &batch.lines()[cursor.line..] {
            // A file that could not be rotated takes one line at a time, so that the next one may try again.
            let full = self.rotation.is_due(self.size + length, line.length.into());
            if !line.route.goes_to(self.log) || (length > 0 && full) {
                break;
            }
            length += u64::from(line.length);
        }
        cursor.start + length as usize
    }

    fn write_until(&mut self, end: usize, batch: &Batch, cursor: &mut Cursor) -> io::Result<()> {
        while cursor.start + cursor.partial < end {
            let rest = &batch.bytes()[cursor.start + cursor.partial..end];
            #[cfg(unix)]
            if let Some((half, file)) = batch.half().zip(self.handle.identity()) {
                half.begin_write(self.log, *cursor, rest.len(), file, self.size);
            }
            match self.handle.write(rest) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => {
                    self.size += written as u64;
                    self.counters.written(self.log, cursor.advance(batch, written));
                    #[cfg(unix)]
                    if let Some(half) = batch.half() {
                        half.end_write(self.log, *cursor);
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Rotates; where that fails, goes on with the current file and leaves it at that for a while.
    fn rotate(&mut self) {
        let now = clock::ticks();
        if !self.backoff.is_over(now) {
            return;
        }
        match self.try_rotate() {
            Ok(()) => {
                self.backoff.succeeded();
                self.counters.rotated(self.log);
            }
            Err(_) => {
                self.backoff.failed(now);
                self.counters.failed(self.log, Operation::Rotate);
            }
        }
    }

    fn try_rotate(&mut self) -> io::Result<()> {
        let renames = self.rotation.renames(&self.path, |path| self.disk.exists(path));
        for (from, to) in &renames {
            match self.disk.rename(from, to) {
                // Somebody removed it, which frees the path as well.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                result => result?,
            }
        }
        let opened = self.disk.open(&self.path).inspect_err(|_| {
            if let Some((current, backup)) = renames.last() {
                // Back to its name, since the lines go on into it. If that fails they do so under the backup's name.
                let _ = self.disk.rename(backup, current);
            }
        })?;
        (self.handle, self.size) = (opened.file, opened.size);
        Ok(())
    }
}
