//! The thread that writes: takes batches off the queue and gives the same bytes to every log they go to.

use std::sync::Arc;
use std::time::Duration;

use super::batch::{Batch, Cursor};
use super::console::ConsoleWriter;
use super::counters::Counters;
use super::file::LogFile;
use super::format::{Format, Place};
use super::queue::{Position, QUEUE_BYTES, Queue};
use super::record::{Origin, Record};
use super::rotation::Backoff;
use super::route::{Log, Route};
use crate::clock;
use crate::observer::Level;

/// All logs, and what to do when one fails.
pub(super) struct Writer {
    files: [LogFile; Log::FILES.len()],
    console: ConsoleWriter,
    counters: Arc<Counters>,
    /// Of what the log says about itself.
    format: Arc<Format>,
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

impl Writer {
    pub(super) fn new(
        files: [LogFile; Log::FILES.len()],
        console: ConsoleWriter,
        counters: Arc<Counters>,
        format: Arc<Format>,
    ) -> Self {
        Self { files, console, counters, format, told: 0 }
    }

    /// Writes what comes until the queue is closed; gives itself back for what comes later.
    pub(super) fn run(mut self, queue: &Queue) -> Self {
        // Also should this thread panic, nobody may wait for it.
        let _finish = Finish(queue);
        let mut batch = Batch::with_capacity(QUEUE_BYTES);
        while queue.take(&mut batch) {
            self.write(&batch, queue);
            batch.clear();
            self.tell_losses();
        }
        self
    }

    /// Writes lines that came after the end; what fails is dropped.
    pub(super) fn write_late(&mut self, line: &[u8], route: Route) {
        let (mut batch, mut progress) = (Batch::default(), Progress::default());
        batch.push(line, route);
        if !self.append(&batch, &mut progress) {
            self.abandon(&batch, &progress);
        }
        self.console.show(&batch);
        self.tell_losses();
    }

    /// Writes a batch, again and again while a file fails, until all is written or the queue is closed.
    fn write(&mut self, batch: &Batch, queue: &Queue) {
        let mut progress = Progress::default();
        let mut backoff = Backoff::new(Duration::from_millis(10), Duration::from_secs(1));
        let mut complete = self.append(batch, &mut progress);
        self.console.show(batch);
        while !complete {
            queue.report(progress.advance(batch), true);
            let open = queue.pause(backoff.failed(clock::ticks()));
            complete = self.append(batch, &mut progress);
            if !open && !complete {
                queue.report(progress.advance(batch), true);
                return self.abandon(batch, &progress);
            }
        }
        queue.report(progress.advance(batch), false);
    }

    /// One attempt for each file; true if all is written.
    fn append(&mut self, batch: &Batch, progress: &mut Progress) -> bool {
        let mut complete = true;
        for (file, cursor) in self.files.iter_mut().zip(&mut progress.cursors) {
            complete &= file.append(batch, cursor).is_ok();
        }
        complete
    }

    fn abandon(&mut self, batch: &Batch, progress: &Progress) {
        for (file, cursor) in self.files.iter_mut().zip(progress.cursors) {
            file.abandon(batch, cursor);
        }
    }

    /// Once writing works again, the log itself says that records are missing.
    fn tell_losses(&mut self) {
        let dropped = self.counters.all_dropped(Log::Main);
        if dropped == self.told {
            return;
        }
        let line = losses(&self.format, dropped - self.told, dropped);
        let (mut batch, mut progress) = (Batch::default(), Progress::default());
        batch.push(&line, Route::EVERYDAY);
        if self.append(&batch, &mut progress) {
            self.told = dropped;
            self.console.show(&batch);
        } else if let Some(main) = self.files.first_mut() {
            main.take_back(progress.cursors[0]);
        }
    }
}

fn losses(format: &Format, dropped: u64, in_all: u64) -> Vec<u8> {
    let place = Place::nowhere(Level::Warn, "tachograph");
    Record::compose(format, clock::unix_time(), Origin::Place(&place), |record| {
        record.message(format_args!("log records were dropped"));
        record.add_named("dropped", &crate::field::Value::Unsigned(dropped));
        record.add_named("dropped_in_all", &crate::field::Value::Unsigned(in_all));
        record.finish().to_vec()
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
