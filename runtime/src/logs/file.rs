//! One log file: whole lines, appended in batches, never above its limit, whoever else writes, moves or removes it.
//!
//! It is held against other processes while lines are appended. What stands at its path is looked at then: if that is
//! another file, or none, it is opened anew.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::backups::Backups;
use super::batch::{Batch, Cursor};
use super::chain::Chain;
use super::counters::{Counters, Operation, Reason};
use super::disk::{Disk, Identity, LogHandle, Look};
use super::keeper::Keeper;
use super::lock::{hold_dir, wait};
use super::rotation::{Backoff, Rotation};
use super::route::Log;
use crate::clock;

/// A log file and its backups.
pub(super) struct LogFile {
    log: Log,
    backups: Backups,
    rotation: Rotation,
    opened: Option<Opened>,
    /// How much is in it, and when that was last written, as far as this process knows.
    size: u64,
    modified: Duration,
    /// Its last line may have no end.
    is_torn: bool,
    /// A process that holds the file and does not let go has been waited for once.
    is_patient: bool,
    /// Between attempts to rotate, while the file grows past its limit.
    backoff: Backoff,
    /// What is written to has another name by now, and no file can be opened in its place.
    is_stranded: bool,
    /// Between attempts to open what stands at the path, while a file that was moved is written to.
    reopening: Backoff,
    /// What failed last although lines were written, and why, until somebody asks.
    complaint: Option<(Operation, io::Error)>,
    disk: Arc<dyn Disk>,
    counters: Arc<Counters>,
}

struct Opened {
    handle: Box<dyn LogHandle>,
    identity: Identity,
    is_locked: bool,
}

/// How often a file that is replaced while it is opened is opened again before it counts as a failure.
const REPLACEMENTS: u32 = 16;

impl LogFile {
    pub(super) fn open(
        log: Log,
        backups: Backups,
        rotation: Rotation,
        disk: Arc<dyn Disk>,
        counters: Arc<Counters>,
    ) -> io::Result<Self> {
        let backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(60));
        let opened = Some(open(&*disk, backups.current())?);
        Ok(Self {
            log,
            backups,
            rotation,
            opened,
            size: 0,
            modified: Duration::ZERO,
            is_torn: true,
            is_patient: true,
            backoff,
            is_stranded: false,
            reopening: Backoff::new(Duration::from_secs(1), Duration::from_secs(1)),
            complaint: None,
            disk,
            counters,
        })
    }

    pub(super) fn path(&self) -> &Path {
        self.backups.current()
    }

    /// Opens the file anew before anything more is written.
    pub(super) fn reopen(&mut self) {
        self.opened = None;
    }

    /// Why it could not be rotated, or made anew, if it has not said so yet.
    pub(super) fn complaint(&mut self) -> Option<(Operation, io::Error)> {
        self.complaint.take()
    }

    /// Appends the lines that are this log's, from the cursor on. Where that fails, the cursor tells how far it came,
    /// and another call goes on from there.
    pub(super) fn append(
        &mut self,
        batch: &Batch,
        cursor: &mut Cursor,
        keeper: &mut Keeper,
    ) -> io::Result<()> {
        if cursor.seek(batch, self.log).is_none() {
            return Ok(());
        }
        let appended = self.hold(cursor, keeper).and_then(|()| self.append_held(batch, cursor, keeper));
        if appended.is_err() {
            self.take_back(cursor);
            self.note(batch, *cursor);
        }
        self.release();
        appended
    }

    /// Gives up the lines from the cursor on, and counts them.
    pub(super) fn abandon(&mut self, batch: &Batch, cursor: &mut Cursor) {
        while let Some(line) = cursor.seek(batch, self.log) {
            self.counters.dropped(self.log, Reason::WriteFailed);
            cursor.pass(line);
        }
    }

    fn append_held(&mut self, batch: &Batch, cursor: &mut Cursor, keeper: &mut Keeper) -> io::Result<()> {
        let now = clock::unix_time();
        while let Some(next) = cursor.seek(batch, self.log) {
            while cursor.partial == 0 && self.is_due(next.length.into(), now) && self.rotate(keeper) {
                self.hold(cursor, keeper)?;
            }
            let end = self.end_of_run(batch, *cursor);
            let begin = cursor.start + cursor.partial;
            keeper.make_room(self.log, self.size + (end - begin) as u64);
            self.write_until(end, batch, cursor).inspect_err(|_| {
                self.counters.failed(self.log, Operation::Write);
            })?;
            self.modified = now;
        }
        Ok(())
    }

    fn is_due(&self, length: u64, now: Duration) -> bool {
        self.rotation.is_full(self.size, length) || self.rotation.is_old(self.size, self.modified, now)
    }

    /// Where the lines end that can be written at once: neighbours in the batch that the file has room for.
    fn end_of_run(&self, batch: &Batch, cursor: Cursor) -> usize {
        let mut length = 0;
        for line in &batch.lines()[cursor.line..] {
            // A file that could not be rotated takes one line at a time, so that the next one may try again.
            let full = self.rotation.is_full(self.size + length, line.length.into());
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
            self.announce(batch, *cursor, rest.len());
            let written = self.write(rest)?;
            self.counters.written(self.log, cursor.advance(batch, written));
            self.note(batch, *cursor);
        }
        Ok(())
    }

    /// Tells a spool what is to be written, and where: the process may end in the midst of it.
    fn announce(&self, batch: &Batch, from: Cursor, length: usize) {
        #[cfg(unix)]
        if let Some((half, opened)) = batch.half().zip(self.opened.as_ref()) {
            half.begin_write(self.log, from, length, opened.identity, self.size);
        }
        #[cfg(not(unix))]
        let _ = (batch, from, length);
    }

    /// Tells a spool how far this log has come.
    fn note(&self, batch: &Batch, at: Cursor) {
        #[cfg(unix)]
        if let Some(half) = batch.half() {
            half.end_write(self.log, at);
        }
        #[cfg(not(unix))]
        let _ = (batch, at);
    }

    /// Writes at least one byte.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(opened) = &mut self.opened else { return Err(io::ErrorKind::NotFound.into()) };
        loop {
            match opened.handle.write(bytes) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => {
                    self.size += written as u64;
                    return Ok(written);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Takes back the beginning of a line whose end could not be written. Where the disk refuses even that, the next
    /// bytes of this file are the rest of it; if anybody was faster, the line is ended, and written again.
    fn take_back(&mut self, cursor: &mut Cursor) {
        if cursor.partial == 0 {
            return;
        }
        self.is_torn = true;
        // Not held, a line of another process may stand behind it.
        if let Some(opened) = self.opened.as_ref().filter(|opened| opened.is_locked) {
            let whole = self.size.saturating_sub(cursor.partial as u64);
            if opened.handle.cut(whole).is_ok() {
                (self.size, self.is_torn, cursor.partial) = (whole, false, 0);
            }
        }
    }

    /// Holds the file that stands at the path, and makes sure that its last line is whole.
    fn hold(&mut self, cursor: &mut Cursor, keeper: &mut Keeper) -> io::Result<()> {
        self.hold_current(cursor, keeper).inspect_err(|_| self.counters.failed(self.log, Operation::Open))?;
        if self.is_torn && cursor.partial == 0 {
            let whole = self.opened.as_ref().is_none_or(|opened| opened.handle.ends_a_line(self.size));
            if !whole {
                // The torn line stays torn, but takes no other with it.
                self.write(b"\n").inspect_err(|_| self.counters.failed(self.log, Operation::Write))?;
            }
            self.is_torn = false;
        }
        Ok(())
    }

    fn hold_current(&mut self, cursor: &mut Cursor, keeper: &mut Keeper) -> io::Result<()> {
        for _ in 0..REPLACEMENTS {
            let is_known = self.opened.is_some();
            if !is_known {
                self.opened = Some(self.open_again()?);
                (self.size, self.is_torn, cursor.partial) = (0, true, 0);
            }
            self.lock()?;
            let Some(opened) = &self.opened else { continue };
            let found = self.disk.look(self.backups.current());
            if let Ok(Some(look)) = found
                && look.identity == opened.identity
            {
                self.is_stranded = false;
                self.see(look, cursor);
                return Ok(());
            }
            // Moved, removed, or rotated by another process; or the directory is not to be entered any more.
            let now = clock::ticks();
            let stays = Some(opened.handle.look()?).filter(|look| look.is_named);
            let replaced = match stays {
                // A line that was begun is ended where it was begun.
                Some(_) if cursor.partial > 0 || !self.reopening.is_over(now) => None,
                _ => Some(found.and_then(|_| self.open_again())),
            };
            match (replaced, stays) {
                (Some(Ok(opened)), _) => {
                    self.release();
                    self.opened = Some(opened);
                    (self.size, self.is_torn, cursor.partial) = (0, true, 0);
                    self.reopening.succeeded();
                    keeper.rotated();
                }
                (Some(Err(error)), None) => {
                    self.release();
                    self.opened = None;
                    return Err(error);
                }
                // A file of another name is better than none.
                (error, Some(look)) => {
                    if let Some(Err(error)) = error {
                        self.reopening.failed(now);
                        self.counters.failed(self.log, Operation::Open);
                        self.complaint = Some((Operation::Open, error));
                    }
                    self.is_stranded = true;
                    self.see(look, cursor);
                    return Ok(());
                }
                (None, None) => {}
            }
        }
        Err(io::Error::other("it is replaced again and again"))
    }

    /// What the open file has by now.
    fn see(&mut self, look: Look, cursor: &mut Cursor) {
        if look.size != self.size {
            // Somebody else wrote, or cut it short: what this process had begun is not the end any more.
            (self.size, self.is_torn, cursor.partial) = (look.size, true, 0);
        }
        self.modified = look.modified;
    }

    fn open_again(&self) -> io::Result<Opened> {
        let path = self.backups.current();
        open(&*self.disk, path).or_else(|error| match error.kind() {
            io::ErrorKind::NotFound => {
                self.disk.create_dir(self.backups.dir())?;
                open(&*self.disk, path)
            }
            _ => Err(error),
        })
    }

    /// Holds the file against other processes. One that does not let go is not waited for twice: lines are appended
    /// whole all the same, only that a torn one cannot be taken back.
    fn lock(&mut self) -> io::Result<()> {
        let Some(opened) = &mut self.opened else { return Ok(()) };
        let handle = &*opened.handle;
        let attempt = || Ok(handle.try_lock()?.then_some(()));
        let locked = if self.is_patient { wait(attempt)? } else { attempt()? };
        opened.is_locked = locked.is_some();
        self.is_patient = opened.is_locked;
        Ok(())
    }

    fn release(&mut self) {
        if let Some(opened) = &mut self.opened {
            if opened.is_locked {
                opened.handle.unlock();
            }
            opened.is_locked = false;
        }
    }

    /// Rotates; where that fails, goes on with the current file and leaves it at that for a while.
    fn rotate(&mut self, keeper: &mut Keeper) -> bool {
        let now = clock::ticks();
        if self.is_stranded || !self.backoff.is_over(now) {
            return false;
        }
        match self.try_rotate() {
            Ok(()) => {
                self.backoff.succeeded();
                self.counters.rotated(self.log);
                keeper.rotated();
                true
            }
            Err(error) => {
                self.backoff.failed(now);
                self.counters.failed(self.log, Operation::Rotate);
                self.complaint = Some((Operation::Rotate, error));
                false
            }
        }
    }

    fn try_rotate(&mut self) -> io::Result<()> {
        let _dir = hold_dir(&*self.disk, self.backups.dir())?;
        let chain = Chain::rotate(&*self.disk, &self.backups)?;
        match open(&*self.disk, self.backups.current()) {
            Ok(opened) => {
                self.release();
                self.opened = Some(opened);
                (self.size, self.is_torn) = (0, true);
            }
            Err(error) => {
                // The lines go on into the file that is open.
                chain.undo(&*self.disk);
                return Err(error);
            }
        }
        for form in self.backups.forms() {
            match self.disk.remove(&self.backups.aside(*form)) {
                // The next rotation tries again.
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    self.counters.failed(self.log, Operation::Prune);
                }
                _ => {}
            }
        }
        Ok(())
    }
}

fn open(disk: &dyn Disk, path: &Path) -> io::Result<Opened> {
    let handle = disk.open(path)?;
    let identity = handle.look()?.identity;
    Ok(Opened { handle, identity, is_locked: false })
}
