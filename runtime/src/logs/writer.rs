//! Takes batches off the queue and gives the same bytes to every log they go to.
//!
//! One writer, behind a lock: its own thread writes what has gathered, and a thread that made a record of level `ERROR`
//! writes up to it by itself, which is sooner done than waking another thread and waiting for it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::Duration;

use super::batch::{Batch, Cursor};
use super::console::ConsoleWriter;
use super::counters::{Counters, Reason};
use super::encode::Head;
use super::file::LogFile;
use super::queue::{Position, Queue};
use super::record::Record;
#[cfg(unix)]
use super::recovery::Leftover;
use super::rotation::Backoff;
use super::route::{Log, Route};
#[cfg(unix)]
use super::spool::Half;
use crate::clock;
use crate::observer::Level;

/// All logs, and what to do when one fails.
pub(super) struct Writer {
    files: [LogFile; Log::FILES.len()],
    console: ConsoleWriter,
    counters: Arc<Counters>,
    /// What earlier processes left, to be written before anything else.
    #[cfg(unix)]
    leftovers: VecDeque<Leftover>,
    /// What is under way: taken off the queue, and not in all files yet.
    batch: Batch,
    progress: Progress,
    backoff: Backoff,
    /// How many records were dropped when the log last told about it.
    told: u64,
}

/// How far the files came with a batch.
#[derive(Default)]
struct Progress {
    cursors: [Cursor; Log::FILES.len()],
    /// The lines that are done in every file, and reported.
    reported: Cursor,
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
pub(super) struct SharedWriter(Mutex<Writer>);

impl SharedWriter {
    pub(super) fn new(writer: Writer) -> Self {
        Self(Mutex::new(writer))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Writer> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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

impl Writer {
    /// `batch` is where the first lines are taken to.
    pub(super) fn new(
        files: [LogFile; Log::FILES.len()],
        console: ConsoleWriter,
        counters: Arc<Counters>,
        batch: Batch,
    ) -> Self {
        let backoff = Backoff::new(Duration::from_millis(10), Duration::from_secs(1));
        Self {
            files,
            console,
            counters,
            #[cfg(unix)]
            leftovers: VecDeque::new(),
            batch,
            progress: Progress::default(),
            backoff,
            told: 0,
        }
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
        while let Some(Leftover { batch, cursors }) = self.leftovers.front_mut() {
            if !append(&mut self.files, batch, cursors) {
                return false;
            }
            let Some(Leftover { batch, .. }) = self.leftovers.pop_front() else { break };
            let is_of =
                |other: &Leftover| other.batch.half().map(Half::spool) == batch.half().map(Half::spool);
            if let Some(half) = batch.half().filter(|_| !self.leftovers.front().is_some_and(is_of)) {
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
        if self.batch.is_empty() {
            if !queue.take(&mut self.batch) {
                return Step::Idle;
            }
            self.console.show(&self.batch);
        }
        let complete = append(&mut self.files, &self.batch, &mut self.progress.cursors);
        queue.report(self.progress.advance(&self.batch), !complete);
        if !complete {
            return Step::Failed(self.backoff.failed(clock::ticks()));
        }
        self.backoff.succeeded();
        self.forget();
        self.tell_losses();
        Step::Written
    }

    /// Writes a line that came after the end; what fails is dropped.
    pub(super) fn write_late(&mut self, line: &[u8], route: Route) {
        if !self.batch.has_room(line.len(), usize::MAX) {
            return self.counters.dropped_everywhere(route, Reason::WriteFailed);
        }
        self.batch.push(line, route);
        self.console.show(&self.batch);
        if append(&mut self.files, &self.batch, &mut self.progress.cursors) {
            self.forget();
        } else {
            self.abandon();
        }
        self.tell_losses();
    }

    /// In the copy of a process: what is under way is the original's.
    pub(super) fn orphan(&mut self) {
        self.batch.disown();
        #[cfg(unix)]
        self.leftovers.clear();
        self.progress = Progress::default();
        self.backoff.succeeded();
    }

    /// Gives up what is under way. What is in a spool stays there, for the next start to write.
    fn abandon(&mut self) {
        for (file, cursor) in self.files.iter_mut().zip(&mut self.progress.cursors) {
            match self.batch.half() {
                Some(_) => {
                    file.take_back(*cursor);
                    cursor.partial = 0;
                }
                None => file.abandon(&self.batch, *cursor),
            }
        }
        if self.batch.half().is_none() {
            self.forget();
        }
    }

    /// At the end: all is written.
    fn retire(&mut self) {
        if let Some(half) = self.batch.half() {
            half.spool().remove();
        }
    }

    fn forget(&mut self) {
        self.batch.clear();
        self.progress = Progress::default();
    }

    /// Once writing works again, the log itself says that records are missing.
    fn tell_losses(&mut self) {
        let dropped = self.counters.all_dropped(Log::Main);
        if dropped == self.told {
            return;
        }
        let line = losses(dropped - self.told, dropped);
        let (mut batch, mut progress) = (Batch::default(), Progress::default());
        batch.push(&line, Route::EVERYDAY);
        if append(&mut self.files, &batch, &mut progress.cursors) {
            self.told = dropped;
            self.console.show(&batch);
        } else if let Some(main) = self.files.first_mut() {
            main.take_back(progress.cursors[0]);
        }
    }
}

/// One attempt for each file; true if all is written.
fn append(files: &mut [LogFile], batch: &Batch, cursors: &mut [Cursor]) -> bool {
    let mut complete = true;
    for (file, cursor) in files.iter_mut().zip(cursors) {
        complete &= file.append(batch, cursor).is_ok();
    }
    complete
}

fn losses(dropped: u64, in_all: u64) -> Vec<u8> {
    Record::compose(|record| {
        record.message(format_args!("log records were dropped"));
        record.fields.add_value("dropped", &crate::field::Value::Unsigned(dropped));
        record.fields.add_value("dropped_in_all", &crate::field::Value::Unsigned(in_all));
        let (time, level, logger) = (clock::unix_time(), Level::Warn, "tachograph");
        record.encode(&Head { time, level, logger, module: None, function: None, line: None }).to_vec()
    })
}

impl Progress {
    /// What has been done in all files since the last time.
    fn advance(&mut self, batch: &Batch) -> Position {
        // A cursor stands on the next line of its own log: the lines it skipped are none of its business, and a log
        // without a line left is at the end.
        let done = self.cursors.iter().min_by_key(|cursor| cursor.line).copied().unwrap_or_default();
        let before = std::mem::replace(&mut self.reported, done);
        debug_assert!(done.line <= batch.lines().len());
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
