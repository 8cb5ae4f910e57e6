//! Between the threads that make records and the one that writes them: bounded in bytes, one copy per record.

use std::fmt;
use std::mem;
use std::sync::PoisonError;
use std::time::Duration;

use super::batch::Batch;
use super::route::Route;
use super::sync::{Condvar, Mutex, MutexGuard};
use crate::clock;

/// What the queue holds at most. The writer has as much again under way, which makes 8 MiB in all.
pub(super) const QUEUE_BYTES: usize = 4 * 1024 * 1024;

/// How long the writer gathers lines before it writes them, so that a write carries many.
const GATHERING: Duration = Duration::from_millis(5);

/// A disk that takes nothing for this long counts as failing.
const STALL: Duration = Duration::from_secs(5);

/// What a full queue does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Overflow {
    /// Holds the program up until there is room, and so loses nothing while the disk is healthy. Once a write has
    /// failed, or none has succeeded for five seconds, it drops: no program waits for a disk that may never come back.
    #[default]
    Block,
    /// Drops the record. Those of level `ERROR` make room for themselves as long as the disk is healthy.
    Drop,
}

/// The queue.
#[derive(Debug)]
pub(super) struct Queue {
    limit: usize,
    overflow: Overflow,
    state: Mutex<State>,
    /// The writer waits here.
    work: Condvar,
    /// Producers wait here for room.
    room: Condvar,
    /// Flushes wait here.
    progress: Condvar,
}

#[derive(Debug)]
struct State {
    filling: Batch,
    writer: Writer,
    /// The writer is not to gather any longer.
    hurry: bool,
    /// The writer is not to wait any longer before it tries again.
    retry: bool,
    /// The last write failed, and what it was to write is still under way.
    failing: bool,
    /// No write has come back for long.
    stalled: bool,
    /// There is no thread that writes: this process is a copy of another, which has it.
    orphaned: bool,
    closed: bool,
    /// The writer has ended.
    finished: bool,
    /// How many wait for room, and for progress: to wake nobody costs a system call as well.
    waiting: Waiting,
    accepted: Position,
    done: Position,
}

#[derive(Debug, Default)]
struct Waiting {
    room: u32,
    progress: u32,
}

/// What the writer is at. It is woken only out of a wait, and only once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Writer {
    Busy,
    Gathering,
    Idle,
    /// After a failure.
    Resting,
}

/// A number of records, and of the bytes of their lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) records: u64,
    pub(super) bytes: u64,
}

/// What became of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pushed {
    /// It is the record of this number.
    Accepted(u64),
    /// There is no room for it, and nobody may wait for any.
    Full,
    /// The queue is closed.
    Closed,
    /// Nobody would write it: the queue needs a writer first.
    Orphaned,
}

/// Log records that were accepted, but are not in the files yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unwritten(Position);

impl Unwritten {
    /// How many records.
    pub fn records(&self) -> u64 {
        self.0.records
    }

    /// How many bytes their lines have.
    pub fn bytes(&self) -> u64 {
        self.0.bytes
    }
}

impl fmt::Display for Unwritten {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Position { records, bytes } = self.0;
        write!(
            formatter,
            "{records} log records ({bytes} bytes) are not written: look for a full or slow disk under LOG_DIR, or \
             allow more time"
        )
    }
}

impl std::error::Error for Unwritten {}

impl Queue {
    /// `filling` is where the first lines go.
    pub(super) fn new(limit: usize, overflow: Overflow, filling: Batch) -> Self {
        let state = State {
            filling,
            writer: Writer::Busy,
            hurry: false,
            retry: false,
            failing: false,
            stalled: false,
            orphaned: false,
            closed: false,
            finished: false,
            waiting: Waiting::default(),
            accepted: Position::default(),
            done: Position::default(),
        };
        let (work, room, progress) = (Condvar::new(), Condvar::new(), Condvar::new());
        Self { limit, overflow, state: Mutex::new(state), work, room, progress }
    }

    /// Takes a line; an urgent one is written without gathering more.
    pub(super) fn push(&self, line: &[u8], route: Route, urgent: bool) -> Pushed {
        let mut state = self.lock();
        while !state.closed && !state.orphaned && !state.filling.has_room(line.len(), self.limit) {
            // A spool does not grow for a line that is longer than all of it.
            let is_too_long = state.filling.is_empty();
            if self.overflow == Overflow::Drop || state.is_unwell() || is_too_long {
                return Pushed::Full;
            }
            self.wake(&mut state);
            let before = state.done.records;
            state.waiting.room += 1;
            let waited = self.room.wait_timeout(state, STALL).unwrap_or_else(PoisonError::into_inner);
            state = waited.0;
            state.waiting.room -= 1;
            state.stalled |= waited.1.timed_out() && state.done.records == before;
        }
        if state.orphaned {
            return Pushed::Orphaned;
        }
        if state.closed {
            return Pushed::Closed;
        }
        let hurry = state.filling.bytes().len() > self.limit / 2;
        state.filling.push(line, route);
        state.accepted.records += 1;
        state.accepted.bytes += line.len() as u64;
        let record = state.accepted.records;
        state.hurry |= hurry;
        // Whoever brings an urgent line sees to it that it is written.
        let wake = !urgent && (state.writer == Writer::Idle || (hurry && state.writer == Writer::Gathering));
        if wake {
            state.writer = Writer::Busy;
        }
        drop(state);
        if wake {
            self.work.notify_one();
        }
        Pushed::Accepted(record)
    }

    /// Whether a record has been written, or there is no point in waiting for it.
    pub(super) fn is_settled(&self, record: u64) -> bool {
        let state = self.lock();
        state.done.records >= record || state.is_unwell()
    }

    /// Whether there is no point in waiting for the disk.
    pub(super) fn is_unwell(&self) -> bool {
        self.lock().is_unwell()
    }

    /// Waits a moment for the writer to get on.
    pub(super) fn await_progress(&self, record: u64, timeout: Duration) {
        let mut state = self.lock();
        self.wake(&mut state);
        let behind = |state: &mut State| state.done.records < record && !state.is_unwell();
        drop(self.await_progress_while(state, timeout, behind));
    }

    /// Notes that a write does not come back.
    pub(super) fn stall(&self) {
        self.lock().stalled = true;
    }

    /// Waits until what was accepted so far is in the files, or until the time is over.
    pub(super) fn flush(&self, timeout: Duration) -> Result<(), Unwritten> {
        let deadline = clock::ticks().saturating_add(clock::ticks_in(timeout));
        let mut state = self.lock();
        let target = state.accepted;
        if state.done.records < target.records {
            self.wake(&mut state);
        }
        while state.done.records < target.records && !state.finished {
            let left = deadline.saturating_sub(clock::ticks());
            if left == 0 {
                break;
            }
            let settled = |state: &mut State| state.done.records < target.records && !state.finished;
            state = self.await_progress_while(state, clock::duration(left), settled);
        }
        state.unwritten(target)
    }

    /// Takes no more lines. The writer ends once it has written the rest, or has failed to.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        self.wake(&mut state);
        self.tell_room(&state);
    }

    /// Waits until the writer has ended. True if it did; and what it left unwritten.
    pub(super) fn wait_finished(&self, timeout: Duration) -> (bool, Result<(), Unwritten>) {
        let state = self.lock();
        let state = self.await_progress_while(state, timeout, |state| !state.finished);
        (state.finished, state.unwritten(state.accepted))
    }

    /// For the writer's thread: waits until there is something to write; false once the queue is closed and empty.
    pub(super) fn wait(&self) -> bool {
        let mut state = self.lock();
        let mut gathered = false;
        loop {
            let empty = state.filling.is_empty() && !state.failing;
            if empty && state.closed {
                return false;
            }
            if !empty && (gathered || state.hurry || state.failing || state.closed) {
                (state.hurry, state.retry, state.writer) = (false, false, Writer::Busy);
                return true;
            }
            if empty && gathered {
                // Nothing came for a while: sleep until something does.
                (state.hurry, state.writer, gathered) = (false, Writer::Idle, false);
                state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
            } else {
                state.writer = Writer::Gathering;
                let waited = self.work.wait_timeout(state, GATHERING).unwrap_or_else(PoisonError::into_inner);
                (state, gathered) = (waited.0, waited.1.timed_out());
            }
        }
    }

    /// For whoever writes: all that is queued, in exchange for an empty batch; false if there is nothing.
    pub(super) fn take(&self, batch: &mut Batch) -> bool {
        debug_assert!(batch.is_empty());
        let mut state = self.lock();
        if state.filling.is_empty() {
            return false;
        }
        state.hurry = false;
        mem::swap(batch, &mut state.filling);
        #[cfg(unix)]
        if let Some(half) = state.filling.half() {
            half.fill();
        }
        self.tell_room(&state);
        true
    }

    /// For whoever writes: how many of the records it took are done with since the last report, and whether it failed to
    /// do more.
    pub(super) fn report(&self, done: Position, failing: bool) {
        let mut state = self.lock();
        state.done.records += done.records;
        state.done.bytes += done.bytes;
        (state.failing, state.stalled) = (failing, false);
        if failing {
            // Also where it was somebody else who failed: the thread is the one that tries again.
            self.wake(&mut state);
            state.retry = false;
            self.tell_room(&state);
        }
        self.tell_progress(&state);
    }

    /// For the writer: waits before it tries again, less long if somebody flushes. False once the queue is closed.
    pub(super) fn pause(&self, pause: Duration) -> bool {
        let mut state = self.lock();
        if !state.closed && !state.retry {
            state.writer = Writer::Resting;
            state = self.work.wait_timeout(state, pause).unwrap_or_else(PoisonError::into_inner).0;
        }
        (state.retry, state.writer) = (false, Writer::Busy);
        !state.closed
    }

    /// For the writer: it ends, and nothing will be written through the queue any more.
    pub(super) fn finish(&self) {
        let mut state = self.lock();
        (state.closed, state.finished) = (true, true);
        self.tell_room(&state);
        self.tell_progress(&state);
    }

    /// For a process that is about to be copied: nobody changes the queue while this is held.
    pub(super) fn hold(&self) -> HeldQueue<'_> {
        HeldQueue(self.lock())
    }

    /// Whether the caller is the one to make a writer; others are to wait for that meanwhile, and find the queue as it was
    /// left. Where it is closed, there is no thread to be started.
    pub(super) fn adopt(&self, make: impl FnOnce(bool) -> bool) {
        let mut state = self.lock();
        if mem::take(&mut state.orphaned) && !make(state.closed) {
            // Nobody can write: what comes is dropped, and counted.
            (state.closed, state.finished) = (true, false);
        }
    }

    fn wake(&self, state: &mut State) {
        let is_asleep = state.writer != Writer::Busy;
        (state.hurry, state.retry, state.writer) = (true, true, Writer::Busy);
        if is_asleep {
            self.work.notify_one();
        }
    }

    fn await_progress_while<'a>(
        &self,
        mut state: MutexGuard<'a, State>,
        timeout: Duration,
        condition: impl FnMut(&mut State) -> bool,
    ) -> MutexGuard<'a, State> {
        state.waiting.progress += 1;
        let waited = self.progress.wait_timeout_while(state, timeout, condition);
        state = waited.unwrap_or_else(PoisonError::into_inner).0;
        state.waiting.progress -= 1;
        state
    }

    fn tell_room(&self, state: &State) {
        if state.waiting.room > 0 {
            self.room.notify_all();
        }
    }

    fn tell_progress(&self, state: &State) {
        if state.waiting.progress > 0 {
            self.progress.notify_all();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The queue while the process is copied.
pub(super) struct HeldQueue<'a>(MutexGuard<'a, State>);

impl HeldQueue<'_> {
    /// In the copy of a process: what is queued is the original's, and so is the writer.
    pub(super) fn orphan(mut self) {
        let state = &mut *self.0;
        state.filling.disown();
        state.done = state.accepted;
        state.writer = Writer::Busy;
        (state.hurry, state.retry, state.failing, state.stalled) = (false, false, false, false);
        state.waiting = Waiting::default();
        (state.orphaned, state.finished) = (true, state.closed);
    }
}

impl State {
    /// Nobody is to wait for the disk.
    fn is_unwell(&self) -> bool {
        self.failing || self.stalled
    }

    fn unwritten(&self, target: Position) -> Result<(), Unwritten> {
        let records = target.records.saturating_sub(self.done.records);
        let bytes = target.bytes.saturating_sub(self.done.bytes);
        if records == 0 { Ok(()) } else { Err(Unwritten(Position { records, bytes })) }
    }
}
