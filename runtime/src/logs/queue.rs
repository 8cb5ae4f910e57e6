//! Between the threads that make records and the one that writes them: bounded in bytes, one copy per record.

use std::fmt;
use std::mem;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

use super::batch::Batch;
use super::route::Route;
use crate::clock;

/// What the queue holds at most. The writer has as much again under way, which makes 8 MiB in all.
pub(super) const QUEUE_BYTES: usize = 4 * 1024 * 1024;

/// How long the writer gathers lines before it writes them, so that a write carries many.
const GATHERING: Duration = Duration::from_millis(5);

/// The queue. While the writer is healthy a full queue blocks, and nothing is lost; once a write has failed it
/// refuses, since the program must not wait for a disk that may never come back.
#[derive(Debug)]
pub(super) struct Queue {
    limit: usize,
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
    failing: bool,
    closed: bool,
    /// The writer has ended.
    finished: bool,
    accepted: Position,
    done: Position,
}

/// What the writer is at. It is woken only out of a wait, and only once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Writer {
    Busy,
    Gathering,
    Idle,
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
    Accepted,
    /// The queue is full, and the writer's last write failed.
    Full,
    /// The queue is closed.
    Closed,
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
    pub(super) fn new(limit: usize) -> Self {
        let state = State {
            filling: Batch::with_capacity(limit),
            writer: Writer::Busy,
            hurry: false,
            retry: false,
            failing: false,
            closed: false,
            finished: false,
            accepted: Position::default(),
            done: Position::default(),
        };
        let (work, room, progress) = (Condvar::new(), Condvar::new(), Condvar::new());
        Self { limit, state: Mutex::new(state), work, room, progress }
    }

    /// Takes a line; an urgent one is written without gathering more.
    pub(super) fn push(&self, line: &[u8], route: Route, urgent: bool) -> Pushed {
        let mut state = self.state.lock();
        while !state.closed && !state.has_room(line.len(), self.limit) {
            if state.failing {
                return Pushed::Full;
            }
            self.wake(&mut state);
            self.room.wait(&mut state);
        }
        if state.closed {
            return Pushed::Closed;
        }
        let hurry = urgent || state.filling.bytes().len() > self.limit / 2;
        state.filling.push(line, route);
        state.accepted.records += 1;
        state.accepted.bytes += line.len() as u64;
        state.hurry |= hurry;
        let wake = state.writer == Writer::Idle || (hurry && state.writer == Writer::Gathering);
        if wake {
            state.writer = Writer::Busy;
        }
        drop(state);
        if wake {
            self.work.notify_one();
        }
        Pushed::Accepted
    }

    /// Waits until what was accepted so far is in the files, or until the time is over.
    pub(super) fn flush(&self, timeout: Duration) -> Result<(), Unwritten> {
        let deadline = clock::ticks().saturating_add(clock::ticks_in(timeout));
        let mut state = self.state.lock();
        let target = state.accepted;
        if state.done.records < target.records {
            self.wake(&mut state);
        }
        while state.done.records < target.records && !state.finished {
            let left = deadline.saturating_sub(clock::ticks());
            if left == 0 {
                break;
            }
            self.progress.wait_for(&mut state, clock::duration(left));
        }
        state.unwritten(target)
    }

    /// Takes no more lines. The writer ends once it has written the rest, or has failed to.
    pub(super) fn close(&self) {
        let mut state = self.state.lock();
        state.closed = true;
        self.wake(&mut state);
        self.room.notify_all();
    }

    /// Waits until the writer has ended. True if it did; and what it left unwritten.
    pub(super) fn wait_finished(&self, timeout: Duration) -> (bool, Result<(), Unwritten>) {
        let mut state = self.state.lock();
        self.progress.wait_while_for(&mut state, |state| !state.finished, timeout);
        (state.finished, state.unwritten(state.accepted))
    }

    /// For the writer: waits for lines and takes them all; false once the queue is closed and empty.
    pub(super) fn take(&self, batch: &mut Batch) -> bool {
        let mut state = self.state.lock();
        let mut gathered = false;
        loop {
            let empty = state.filling.is_empty();
            if empty && state.closed {
                return false;
            }
            if !empty && (gathered || state.hurry || state.closed) {
                break;
            }
            if empty && gathered {
                // Nothing came for a while: sleep until something does.
                (state.hurry, state.writer, gathered) = (false, Writer::Idle, false);
                self.work.wait(&mut state);
            } else {
                state.writer = Writer::Gathering;
                gathered = self.work.wait_for(&mut state, GATHERING).timed_out();
            }
        }
        (state.hurry, state.retry, state.writer) = (false, false, Writer::Busy);
        mem::swap(batch, &mut state.filling);
        self.room.notify_all();
        true
    }

    /// For the writer: notes how many of the records it took are done with since the last report, and whether it
    /// failed to do more.
    pub(super) fn report(&self, done: Position, failing: bool) {
        let mut state = self.state.lock();
        state.done.records += done.records;
        state.done.bytes += done.bytes;
        state.failing = failing;
        if failing {
            self.room.notify_all();
        }
        self.progress.notify_all();
    }

    /// For the writer: waits before it tries again, less long if somebody flushes. False once the queue is closed.
    pub(super) fn pause(&self, pause: Duration) -> bool {
        let mut state = self.state.lock();
        if !state.closed && !state.retry {
            self.work.wait_for(&mut state, pause);
        }
        state.retry = false;
        !state.closed
    }

    /// For the writer: it ends, and nothing will be written through the queue any more.
    pub(super) fn finish(&self) {
        let mut state = self.state.lock();
        (state.closed, state.finished) = (true, true);
        self.room.notify_all();
        self.progress.notify_all();
    }

    fn wake(&self, state: &mut State) {
        (state.hurry, state.retry, state.writer) = (true, true, Writer::Busy);
        self.work.notify_one();
    }
}

impl State {
    /// A line longer than the whole queue has room when it is alone.
    fn has_room(&self, length: usize, limit: usize) -> bool {
        self.filling.is_empty() || self.filling.bytes().len() + length <= limit
    }

    fn unwritten(&self, target: Position) -> Result<(), Unwritten> {
        let records = target.records.saturating_sub(self.done.records);
        let bytes = target.bytes.saturating_sub(self.done.bytes);
        if records == 0 { Ok(()) } else { Err(Unwritten(Position { records, bytes })) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(records: u64, bytes: u64) -> Position {
        Position { records, bytes }
    }

    #[test]
    fn a_flush_tells_what_is_not_written() {
        let queue = Queue::new(1_000);
        assert_eq!(queue.flush(Duration::ZERO), Ok(()));
        queue.push(b"one\n", Route::EVERYDAY, false);
        queue.push(b"second\n", Route::EVERYDAY, false);
        assert_eq!(queue.flush(Duration::ZERO), Err(Unwritten(count(2, 11))));
        queue.report(count(1, 4), true);
        let unwritten = queue.flush(Duration::from_millis(1)).unwrap_err();
        assert_eq!((unwritten.records(), unwritten.bytes()), (1, 7));
        assert!(unwritten.to_string().starts_with("1 log records (7 bytes) are not written"), "{unwritten}");
        queue.report(count(1, 7), false);
        assert_eq!(queue.flush(Duration::ZERO), Ok(()));
    }

    #[test]
    fn a_full_queue_refuses_while_writes_fail() {
        let queue = Queue::new(10);
        queue.report(count(0, 0), true);
        assert_eq!(queue.push(b"12345678\n", Route::EVERYDAY, false), Pushed::Accepted);
        assert_eq!(queue.push(b"1\n", Route::EVERYDAY, false), Pushed::Full);
        assert_eq!(queue.push(b"", Route::EVERYDAY, false), Pushed::Accepted);
    }

    #[test]
    fn a_full_queue_blocks_while_writes_succeed() {
        let queue = Queue::new(10);
        std::thread::scope(|scope| {
            let producer = scope.spawn(|| {
                for _ in 0..1_000 {
                    assert_eq!(queue.push(b"1234567\n", Route::EVERYDAY, false), Pushed::Accepted);
                }
            });
            let (mut batch, mut lines) = (Batch::default(), 0);
            while lines < 1_000 && queue.take(&mut batch) {
                assert!(batch.bytes().len() <= 10);
                lines += batch.lines().len();
                batch.clear();
            }
            producer.join().unwrap();
        });
    }

    #[test]
    fn producers_that_are_blocked_go_on_when_writes_begin_to_fail() {
        let queue = Queue::new(10);
        assert_eq!(queue.push(b"12345678\n", Route::EVERYDAY, false), Pushed::Accepted);
        std::thread::scope(|scope| {
            let producer = scope.spawn(|| queue.push(b"12345678\n", Route::EVERYDAY, false));
            queue.report(count(0, 0), true);
            assert_eq!(producer.join().unwrap(), Pushed::Full);
        });
    }

    #[test]
    fn a_line_longer_than_the_queue_passes_alone() {
        let queue = Queue::new(4);
        assert_eq!(queue.push(b"12345678\n", Route::EVERYDAY, false), Pushed::Accepted);
        let mut batch = Batch::default();
        assert!(queue.take(&mut batch));
        assert_eq!(batch.bytes(), b"12345678\n");
    }

    #[test]
    fn a_closed_queue_gives_what_it_has_and_takes_no_more() {
        let queue = Queue::new(100);
        queue.push(b"last\n", Route::EVERYDAY, false);
        queue.close();
        assert_eq!(queue.push(b"late\n", Route::EVERYDAY, false), Pushed::Closed);
        let mut batch = Batch::default();
        assert!(queue.take(&mut batch));
        batch.clear();
        assert!(!queue.take(&mut batch));
        assert!(!queue.pause(Duration::MAX), "a writer that fails must not wait any longer");
    }
}
