//! Takes batches off the queue and gives the same bytes to every log they go to.
//!
//! One writer, behind a lock: its own thread writes what has gathered, and a thread that made a record of level `ERROR`
//! writes up to it by itself, which is sooner done than waking another thread and waiting for it.

use std::collections::VecDeque;
use std::io;
use std::mem;
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::Duration;

use super::batch::{Batch, Cursor};
use super::console::ConsoleWriter;
use super::counters::{Counters, Reason};
use super::files::Files;
use super::queue::{Position, Queue};
#[cfg(unix)]
use super::recovery::Leftover;
use super::rotation::Backoff;
use super::route::{Log, Route};
use super::trouble::Trouble;
use crate::clock;

/// All logs, and what to do when one fails.
pub(super) struct Writer {
    files: Files,
    console: ConsoleWriter,
    counters: Arc<Counters>,
    trouble: Trouble,
    /// What earlier processes left, to be written before anything else.
    #[cfg(unix)]
    leftovers: VecDeque<Leftover>,
    /// What is under way: taken off the queue, and not in all files yet.
    batch: Batch,
    progress: Progress,
    /// A line of the log's own, of which only the beginning could be written.
    begun: Option<(Batch, Cursor)>,
    backoff: Backoff,
    /// The files are to be opened anew.
    reopen: Arc<AtomicBool>,
    /// It waits for the console, whose reader may be slow, and not for a disk.
    is_showing: Arc<AtomicBool>,
}

/// How far the logs came with a batch.
#[derive(Default)]
struct Progress {
    cursors: [Cursor; Log::FILES.len()],
    /// The lines that are done in every file, and reported.
    reported: Cursor,
    /// The console has it.
    is_shown: bool,
}

/// What an attempt to write came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// There was nothing to write.
    Idle,
    Written,
    /// A file failed. What is left is kept, and worth another attempt after this pause.
    Failed(Duration),
}

/// The writer, for whoever writes next.
pub(super) struct SharedWriter(Mutex<Writer>, Arc<AtomicBool>);

impl SharedWriter {
    pub(super) fn new(writer: Writer) -> Self {
        let is_showing = Arc::clone(&writer.is_showing);
        Self(Mutex::new(writer), is_showing)
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Writer> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether what keeps it busy is the console.
    pub(super) fn is_showing(&self) -> bool {
        self.1.load(Ordering::Relaxed)
    }

    /// None while somebody writes.
    pub(super) fn try_lock(&self) -> Option<MutexGuard<'_, Writer>> {
        match self.0.try_lock() {
            Ok(writer) => Some(writer),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// For the writer's thread: writes what comes, again and again while a file fails, until the queue is closed.
    pub(super) fn run(&self, queue: &Queue) {
        // Also should this thread panic, nobody may wait for it.
        let _finish = Finish(queue);
        while queue.wait() {
            while let Step::Failed(pause) = self.step(queue) {
                if !queue.pause(pause) {
                    let mut writer = self.lock();
                    if let Step::Failed(_) = writer.step(queue) {
                        return writer.abandon();
                    }
                }
            }
        }
        self.lock().retire();
    }

    fn step(&self, queue: &Queue) -> Step {
        self.lock().step(queue)
    }
}

/// Where the writer is. The copy of a process makes one of its own: that of the original may be in the midst of anything.
pub(super) struct CurrentWriter(AtomicPtr<SharedWriter>);

impl CurrentWriter {
    pub(super) fn new(writer: SharedWriter) -> Self {
        Self(AtomicPtr::new(Box::into_raw(Box::new(writer))))
    }

    pub(super) fn get(&self) -> &SharedWriter {
        // SAFETY: the pointer came from a `Box`, which nobody frees before `self` is dropped.
        unsafe { &*self.0.load(Ordering::Acquire) }
    }

    /// The one before is never freed: a thread of the original may stand in the midst of it.
    pub(super) fn replace(&self, writer: SharedWriter) {
        self.0.store(Box::into_raw(Box::new(writer)), Ordering::Release);
    }
}

impl Drop for CurrentWriter {
    fn drop(&mut self) {
        // SAFETY: it came from a `Box`, and nobody has a reference any more.
        drop(unsafe { Box::from_raw(*self.0.get_mut()) });
    }
}

impl Writer {
    pub(super) fn new(
        files: Files,
        console: ConsoleWriter,
        trouble: Trouble,
        counters: Arc<Counters>,
        reopen: Arc<AtomicBool>,
    ) -> Self {
        let backoff = Backoff::new(Duration::from_millis(10), Duration::from_secs(1));
        Self {
            files,
            console,
            counters,
            trouble,
            #[cfg(unix)]
            leftovers: VecDeque::new(),
            batch: Batch::default(),
            progress: Progress::default(),
            begun: None,
            backoff,
            reopen,
            is_showing: Arc::default(),
        }
    }

    /// Takes lines to this batch from now on, which is empty.
    pub(super) fn take_over(&mut self, batch: Batch) {
        self.batch = batch;
    }

    /// Takes over what earlier processes left.
    #[cfg(unix)]
    pub(super) fn recover(&mut self, leftovers: Vec<Leftover>) {
        self.leftovers.extend(leftovers);
        // Where the disk fails, the writer's thread tries again.
        self.write_leftovers();
    }

    /// True where there are none left.
    #[cfg(unix)]
    fn write_leftovers(&mut self) -> bool {
        while let Some(mut leftover) = self.leftovers.pop_front() {
            if !self.append(&leftover.batch, &mut leftover.cursors) {
                self.leftovers.push_front(leftover);
                return false;
            }
            let next = self.leftovers.front().and_then(|next| next.batch.half());
            if let Some(half) = leftover.batch.half()
                && next.is_none_or(|next| next.spool() != half.spool())
            {
                half.spool().remove();
            }
        }
        true
    }

    #[cfg(not(unix))]
    fn write_leftovers(&mut self) -> bool {
        true
    }

    /// One attempt to write what is under way, or else what is queued.
    pub(super) fn step(&mut self, queue: &Queue) -> Step {
        if !self.write_leftovers() {
            queue.report(Position::default(), true);
            return Step::Failed(self.backoff.failed(clock::ticks()));
        }
        if self.batch.is_empty() && !queue.take(&mut self.batch) {
            return Step::Idle;
        }
        let complete = self.write();
        if !self.progress.is_shown {
            self.console.announce();
        }
        queue.report(self.progress.advance(), !complete);
        // Nobody who waits for the files waits for the console.
        self.show();
        if !complete {
            return Step::Failed(self.backoff.failed(clock::ticks()));
        }
        self.forget();
        self.finish();
        Step::Written
    }

    /// Writes a line that came after the end; what fails is dropped.
    pub(super) fn write_late(&mut self, line: &[u8], route: Route) {
        if !self.batch.has_room(line.len(), usize::MAX) {
            return self.counters.dropped_everywhere(route, Reason::WriteFailed);
        }
        self.batch.push(line, route);
        let complete = self.write();
        self.show();
        if complete {
            self.forget();
            self.finish();
        } else {
            self.abandon();
        }
    }

    /// In the copy of a process, which has another writer: what is under way is the original's. To keep its spools would keep
    /// them locked, should the original die before the copy.
    pub(super) fn disown(&mut self) {
        self.batch.disown();
        #[cfg(unix)]
        self.leftovers.clear();
    }

    /// One attempt to write what is left of the batch; true if nothing is left.
    fn write(&mut self) -> bool {
        let (batch, mut cursors) = (mem::take(&mut self.batch), self.progress.cursors);
        let is_written = self.append(&batch, &mut cursors);
        (self.batch, self.progress.cursors) = (batch, cursors);
        is_written
    }

    fn show(&mut self) {
        if !mem::replace(&mut self.progress.is_shown, true) {
            self.is_showing.store(true, Ordering::Relaxed);
            self.console.show(&self.batch);
            self.is_showing.store(false, Ordering::Relaxed);
        }
    }

    /// One attempt for each file; true if all is written.
    fn append(&mut self, batch: &Batch, cursors: &mut [Cursor; Log::FILES.len()]) -> bool {
        if self.reopen.swap(false, Ordering::Relaxed) {
            self.files.reopen();
        }
        let mut failure = self.write_begun().err().map(|error| (Log::Main, error));
        if failure.is_none() {
            for (log, cursor) in Log::FILES.into_iter().zip(cursors) {
                if let Err(error) = self.files.append(log, batch, cursor) {
                    failure = failure.or(Some((log, error)));
                }
            }
        }
        if let Some((log, error)) = &failure
            && let Some(notice) = self.trouble.failed(self.files.path(*log), error)
        {
            self.console.notice(&notice);
        }
        failure.is_none()
    }

    /// A batch is written: the log tells what it has to say about itself.
    fn finish(&mut self) {
        for log in Log::FILES {
            if let Some((operation, error)) = self.files.complaint(log) {
                let line = self.trouble.complaint(operation, self.files.path(log), &error);
                self.say(&line);
            }
        }
        if let Some((line, told)) = self.trouble.losses(&self.counters) {
            if !self.say(&line) {
                return;
            }
            self.trouble.told(&told);
        }
        if let Some(notice) = self.trouble.is_over() {
            self.console.notice(&notice);
        }
    }

    /// Gives up what is left of the batch, and counts it. What is in a spool stays there, for the next start to write.
    fn abandon(&mut self) {
        if self.batch.is_spooled() {
            return;
        }
        let mut cursors = self.progress.cursors;
        for (log, cursor) in Log::FILES.into_iter().zip(&mut cursors) {
            self.files.abandon(log, &self.batch, cursor);
        }
        self.forget();
    }

    /// At the end: all is written.
    fn retire(&mut self) {
        #[cfg(unix)]
        if let Some(half) = self.batch.half() {
            half.spool().remove();
        }
    }

    fn forget(&mut self) {
        self.batch.clear();
        self.progress = Progress::default();
        self.backoff.succeeded();
    }

    /// Writes a line of the log's own; true if it is said. The rest of one of which only the beginning could be written comes
    /// before all else the next time.
    fn say(&mut self, line: &[u8]) -> bool {
        let (mut batch, mut cursor) = (Batch::default(), Cursor::default());
        batch.push(line, Route::EVERYDAY);
        let is_written = self.begun.is_none() && self.files.append(Log::Main, &batch, &mut cursor).is_ok();
        if is_written {
            self.console.show(&batch);
        } else if cursor.partial > 0 {
            self.begun = Some((batch, cursor));
            return true;
        }
        is_written
    }

    fn write_begun(&mut self) -> io::Result<()> {
        if let Some((batch, cursor)) = &mut self.begun {
            self.files.append(Log::Main, batch, cursor)?;
            self.begun = None;
        }
        Ok(())
    }
}

impl Progress {
    fn advance(&mut self) -> Position {
        // A cursor stands on the next line of its own log: the lines it skipped are none of its business, and a log
        // without a line left is at the end.
        let done = self.cursors.iter().min_by_key(|cursor| cursor.line).copied().unwrap_or_default();
        let before = std::mem::replace(&mut self.reported, done);
        Position { records: (done.line - before.line) as u64, bytes: (done.start - before.start) as u64 }
    }
}

/// Ends the queue when the writer ends.
struct Finish<'a>(&'a Queue);

impl Drop for Finish<'_> {
    fn drop(&mut self) {
        self.0.finish();
    }
}
