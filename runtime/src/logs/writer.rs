//! Gives the same bytes to every log they go to, and tells what a log did not get.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::batch::{Batch, Cursor};
use super::console::ConsoleWriter;
use super::counters::Counters;
use super::files::Files;
use super::queue::{Position, QUEUE_BYTES, Queue};
use super::rotation::Backoff;
use super::route::{Log, Route};
use super::trouble::{Trouble, unrotated};
use crate::clock;

/// All logs, and what to do when one fails.
pub(super) struct Writer {
    files: Files,
    console: ConsoleWriter,
    counters: Arc<Counters>,
    trouble: Trouble,
    progress: Progress,
    /// The files are to be opened anew.
    reopen: Arc<AtomicBool>,
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

impl Writer {
    pub(super) fn new(
        files: Files,
        console: ConsoleWriter,
        counters: Arc<Counters>,
        reopen: Arc<AtomicBool>,
    ) -> Self {
        Self { files, console, counters, trouble: Trouble::new(), progress: Progress::default(), reopen }
    }

    /// Writes what comes until the queue is closed; gives itself back for what comes later.
    pub(super) fn run(mut self, queue: &Queue) -> Self {
        // Also should this thread panic, nobody may wait for it.
        let _finish = Finish(queue);
        let mut batch = Batch::with_capacity(QUEUE_BYTES);
        while queue.take(&mut batch) {
            let mut backoff = Backoff::new(Duration::from_millis(10), Duration::from_secs(1));
            let mut complete = self.write(&batch);
            while !complete {
                queue.report(self.advance(), true);
                let open = queue.pause(backoff.failed(clock::ticks()));
                complete = self.write(&batch);
                if !open && !complete {
                    queue.report(self.advance(), true);
                    self.abandon(&batch);
                    break;
                }
            }
            if complete {
                queue.report(self.advance(), false);
                self.finish();
            }
            batch.clear();
        }
        self
    }

    /// Writes lines that came after the end; what fails is dropped.
    pub(super) fn write_late(&mut self, line: &[u8], route: Route) {
        let mut batch = Batch::default();
        batch.push(line, route);
        if self.write(&batch) {
            self.finish();
        } else {
            self.abandon(&batch);
        }
    }

    /// One attempt to write what is left of a batch; true if nothing is left. Then, or to give up, another method is
    /// to be called before the next batch.
    pub(super) fn write(&mut self, batch: &Batch) -> bool {
        if self.reopen.swap(false, Ordering::Relaxed) {
            self.files.reopen();
        }
        let mut failure = None;
        for (log, cursor) in Log::FILES.into_iter().zip(&mut self.progress.cursors) {
            if let Err(error) = self.files.append(log, batch, cursor) {
                failure = failure.or(Some((log, error)));
            }
        }
        if !std::mem::replace(&mut self.progress.is_shown, true) {
            self.console.show(batch);
        }
        if let Some((log, error)) = &failure
            && let Some(notice) = self.trouble.failed(self.files.path(*log), error)
        {
            self.console.notice(&notice);
        }
        failure.is_none()
    }

    /// How many records of the batch have been written in all files since the last time.
    pub(super) fn advance(&mut self) -> Position {
        self.progress.advance()
    }

    /// A batch is written: the log tells what it has to say about itself.
    pub(super) fn finish(&mut self) {
        self.progress = Progress::default();
        for log in Log::FILES {
            if let Some(error) = self.files.complaint(log) {
                let line = unrotated(self.files.path(log), &error);
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

    /// Gives up what is left of a batch, and counts it.
    pub(super) fn abandon(&mut self, batch: &Batch) {
        let Progress { mut cursors, .. } = std::mem::take(&mut self.progress);
        for (log, cursor) in Log::FILES.into_iter().zip(&mut cursors) {
            self.files.abandon(log, batch, cursor);
        }
    }

    /// Writes a line of the log's own; true if that succeeded.
    fn say(&mut self, line: &[u8]) -> bool {
        let (mut batch, mut cursor) = (Batch::default(), Cursor::default());
        batch.push(line, Route::EVERYDAY);
        let is_written = self.files.append(Log::Main, &batch, &mut cursor).is_ok();
        if is_written {
            self.console.show(&batch);
        }
        is_written
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
