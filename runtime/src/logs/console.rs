//! The log for whoever watches: on stderr, as text or as the same JSON.
//!
//! A thread of its own writes it, since stderr may be a pipe that nobody empties: the files must not wait for that. The
//! log waits for a reader that is slow, and drops lines for one that stands still.

mod screen;
mod text;

use std::io::Write;
use std::mem;
use std::sync::{Arc, PoisonError};
use std::thread;
use std::time::Duration;

use self::screen::{Screen, stderr, stderr_has_room};
#[cfg(test)]
pub(super) use self::text::text_of;
use super::batch::Batch;
use super::counters::{Counters, Reason};
use super::format::LogFormat;
use super::route::Log;
use super::sync::{Condvar, Mutex, MutexGuard};
use crate::clock;
use crate::reentry::TELLING;

/// What stderr shows of the log. Whatever is chosen, it says so when the log files cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Console {
    /// A line of text for each record, in colours on a terminal.
    Text,
    /// The lines of the main file.
    Json,
    /// No record.
    Off,
}

/// Takes the lines of the console; its clones are the same one.
#[derive(Clone)]
pub(super) struct ConsoleWriter(Arc<Front>);

/// The thread ends when this is dropped.
struct Front {
    console: Console,
    format: LogFormat,
    /// See [`PATIENCE`].
    patience: Duration,
    /// Whether a write would not wait for the reader.
    has_room: fn() -> bool,
    shared: Arc<Shared>,
    counters: Arc<Counters>,
}

struct Shared {
    state: Mutex<State>,
    /// The thread waits here.
    filled: Condvar,
    /// Those who wait for the thread do it here.
    progress: Condvar,
}

struct State {
    /// Encoded lines, to be shown.
    lines: Lines,
    /// How often the thread got something out.
    steps: u64,
    is_idle: bool,
    /// A batch is on its way here, of which the files are told already that it is written.
    is_announced: bool,
    /// The reader stands still: nobody waits for it any more.
    is_stalled: bool,
    /// Nobody can bring anything any more.
    is_over: bool,
    /// What the thread needs to begin.
    unborn: Option<Screen>,
}

#[derive(Default)]
struct Lines {
    bytes: Vec<u8>,
    count: u64,
}

/// What waits to be shown at most; as much again may be under way.
const PENDING_BYTES: usize = 1024 * 1024;

/// A reader that takes nothing for that long stands still.
const PATIENCE: Duration = Duration::from_millis(200);

/// How many times that the thread may take where it need not wait for the reader: on a busy machine it may be long until it
/// runs, and a disk can hang.
const EXCUSES: u32 = 25;

impl ConsoleWriter {
    pub(super) fn stderr(console: Console, format: LogFormat, counters: Arc<Counters>) -> Self {
        let (colours, out) = stderr();
        Self::new(console, format, colours, (out, stderr_has_room), counters)
    }

    fn new(
        console: Console,
        format: LogFormat,
        colours: bool,
        (out, has_room): (Box<dyn Write + Send>, fn() -> bool),
        counters: Arc<Counters>,
    ) -> Self {
        let state = State::new(Screen::new(console, format, colours, out));
        let (filled, progress) = (Condvar::new(), Condvar::new());
        let shared = Arc::new(Shared { state: Mutex::new(state), filled, progress });
        Self(Arc::new(Front { console, format, patience: PATIENCE, has_room, shared, counters }))
    }

    /// Lines of a batch may come. Whoever waits for all lines from here on waits for these.
    pub(super) fn announce(&self) {
        if self.0.console != Console::Off {
            self.0.shared.lock().is_announced = true;
        }
    }

    /// Shows the lines of a batch. What cannot be shown is counted and gone: the files have it.
    pub(super) fn show(&self, batch: &Batch) {
        if self.0.console != Console::Off {
            self.0.push(batch.lines_of(Log::Console));
            self.0.shared.have_come();
        }
    }

    /// Shows a line that is not a record of the program, whatever was chosen.
    pub(super) fn notice(&self, line: &[u8]) {
        self.0.push(std::iter::once(line));
    }

    /// Waits until everything is shown, at most for `timeout`, and not for a reader that stands still.
    pub(super) fn drain(&self, timeout: Duration) {
        let deadline = clock::ticks().saturating_add(clock::ticks_in(timeout));
        let shared = &self.0.shared;
        let mut state = shared.lock();
        while !(state.is_stalled || state.is_idle && state.lines.count == 0 && !state.is_announced) {
            let left = clock::duration(deadline.saturating_sub(clock::ticks()));
            if left.is_zero() {
                return;
            }
            state = self.0.await_step(state, left);
        }
    }

    /// For a process that is about to be copied: nobody changes anything while this is held.
    pub(super) fn hold(&self) -> HeldConsole<'_> {
        HeldConsole { console: self.0.console, format: self.0.format, state: self.0.shared.lock() }
    }
}

/// The console while the process is copied.
pub(super) struct HeldConsole<'a> {
    console: Console,
    format: LogFormat,
    state: MutexGuard<'a, State>,
}

impl HeldConsole<'_> {
    /// In the copy: what is to be shown is the original's, and so is the thread that shows it.
    pub(super) fn orphan(mut self) {
        let (colours, out) = stderr();
        *self.state = State::new(Screen::new(self.console, self.format, colours, out));
    }
}

impl State {
    fn new(screen: Screen) -> Self {
        Self {
            lines: Lines::default(),
            steps: 0,
            is_idle: true,
            is_announced: false,
            is_stalled: false,
            is_over: false,
            unborn: Some(screen),
        }
    }
}

impl Front {
    fn push<'a>(&self, lines: impl Iterator<Item = &'a [u8]>) {
        let mut state = self.shared.lock();
        let mut dropped = 0;
        for line in lines {
            let has_room;
            (state, has_room) = self.await_room(state, line.len());
            if has_room {
                state.lines.bytes.extend_from_slice(line);
                state.lines.count += 1;
            } else {
                dropped += 1;
            }
        }
        self.wake(&mut state);
        self.counters.dropped_many(Log::Console, Reason::QueueFull, dropped);
    }

    fn await_room<'a>(
        &'a self,
        mut state: MutexGuard<'a, State>,
        length: usize,
    ) -> (MutexGuard<'a, State>, bool) {
        let is_full = |state: &State| {
            state.lines.count > 0 && state.lines.bytes.len() + length > PENDING_BYTES && !state.is_stalled
        };
        while is_full(&state) {
            self.wake(&mut state);
            if !state.is_stalled {
                state = self.await_step(state, Duration::MAX);
            }
        }
        let has_room = state.lines.count == 0 || state.lines.bytes.len() + length <= PENDING_BYTES;
        (state, has_room)
    }

    /// Waits until the thread gets something out, at most for `timeout`. Finds out whether the reader stands still: the
    /// next one who asks need not wait for it.
    fn await_step<'a>(
        &'a self,
        mut state: MutexGuard<'a, State>,
        mut timeout: Duration,
    ) -> MutexGuard<'a, State> {
        for _ in 0..EXCUSES {
            let patience = timeout.min(self.patience);
            let stepped;
            (state, stepped) = self.shared.wait_for_step(state, patience);
            timeout -= patience;
            if stepped || timeout.is_zero() {
                return state;
            }
            if !(self.has_room)() {
                break;
            }
        }
        state.is_stalled = true;
        state
    }

    fn wake(&self, state: &mut State) {
        if state.lines.count == 0 {
            return;
        }
        if let Some(screen) = state.unborn.take() {
            let (shared, counters) = (Arc::clone(&self.shared), Arc::clone(&self.counters));
            let run = move || TELLING.shield(|| shared.run(screen, &counters));
            if thread::Builder::new().name("tachograph-console".to_owned()).spawn(run).is_err() {
                // Without a thread nothing is ever shown.
                state.is_stalled = true;
            }
        }
        if state.is_idle {
            state.is_idle = false;
            self.shared.filled.notify_one();
        }
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.shared.lock().is_over = true;
        self.shared.filled.notify_one();
    }
}

impl Shared {
    /// Whether the thread got something out, or came to its end, within that time.
    fn wait_for_step<'a>(
        &'a self,
        state: MutexGuard<'a, State>,
        timeout: Duration,
    ) -> (MutexGuard<'a, State>, bool) {
        let steps = state.steps;
        let waited = self.progress.wait_timeout_while(state, timeout, |state| state.steps == steps);
        let (state, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        (state, !waited.timed_out())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Shows what comes, until the process ends or nobody can bring anything any more.
    fn run(&self, mut screen: Screen, counters: &Counters) {
        let mut lines = Lines::default();
        while self.take(&mut lines) {
            screen.show(&lines.bytes, counters, || self.step());
            (lines.bytes.len() > PENDING_BYTES / 2).then(|| lines.bytes.shrink_to(PENDING_BYTES));
            lines.bytes.clear();
            lines.count = 0;
        }
    }

    fn take(&self, lines: &mut Lines) -> bool {
        let mut state = self.lock();
        while state.lines.count == 0 {
            if state.is_over {
                return false;
            }
            state.is_idle = true;
            state.steps += 1;
            self.progress.notify_all();
            state = self.filled.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        // There is room again.
        (state.is_idle, state.is_stalled) = (false, false);
        state.steps += 1;
        mem::swap(lines, &mut state.lines);
        self.progress.notify_all();
        true
    }

    /// What was announced is among the lines, or was not for the console.
    fn have_come(&self) {
        let mut state = self.lock();
        state.is_announced = false;
        state.steps += 1;
        drop(state);
        self.progress.notify_all();
    }

    fn step(&self) {
        let mut state = self.lock();
        state.steps += 1;
        state.is_stalled = false;
        drop(state);
        self.progress.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::screen::NAP;
    use super::*;
    use crate::logs::route::Route;
    use parking_lot::{Condvar, Mutex};

    #[derive(Clone, Default)]
    struct Shown(Arc<Mutex<Vec<u8>>>);

    impl Write for Shown {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    struct Closed;

    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
    }

    fn batch() -> Batch {
        let mut batch = Batch::default();
        batch.push(b"{\"level\":\"INFO\"}\n", Route::EVERYDAY);
        batch.push(b"{\"level\":\"WARN\"}\n", Route::PERFORMANCE);
        batch
    }

    fn writer(
        console: Console,
        out: impl Write + Send + 'static,
        has_room: fn() -> bool,
        counters: &Arc<Counters>,
    ) -> ConsoleWriter {
        let out = (Box::new(out) as Box<_>, has_room);
        ConsoleWriter::new(console, LogFormat::Tachograph, false, out, Arc::clone(counters))
    }

    /// No test comes near it: what takes this long hangs.
    const LONG: Duration = Duration::from_secs(60);

    fn shows(console: Console, out: impl Write + Send + 'static) -> Arc<Counters> {
        let counters = Arc::new(Counters::default());
        let writer = writer(console, out, || true, &counters);
        writer.show(&batch());
        writer.drain(LONG);
        counters
    }

    #[test]
    fn json_is_the_line_itself_and_only_what_goes_to_the_console() {
        let shown = Shown::default();
        shows(Console::Json, shown.clone());
        assert_eq!(*shown.0.lock(), b"{\"level\":\"INFO\"}\n");
    }

    #[test]
    fn a_closed_stderr_is_counted_and_nothing_else() {
        assert_eq!(shows(Console::Text, Closed).all_dropped(Log::Console), 1);
    }

    #[test]
    fn a_console_that_is_off_shows_only_that_the_log_is_in_trouble() {
        let shown = Shown::default();
        let counters = Arc::new(Counters::default());
        let writer = writer(Console::Off, shown.clone(), || true, &counters);
        writer.show(&batch());
        writer.notice(b"{\"level\":\"ERROR\",\"logger\":\"l\",\"message\":\"full\"}\n");
        writer.drain(LONG);
        assert_eq!(*shown.0.lock(), b" ERROR l: full\n");
    }

    /// Takes nothing before it is told to.
    #[derive(Clone)]
    struct Gate(Arc<(Mutex<bool>, Condvar)>, Shown);

    impl Write for Gate {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let mut is_open = self.0.0.lock();
            self.0.1.wait_while(&mut is_open, |is_open| !*is_open);
            self.1.write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_stands_still_is_waited_for_once_and_what_does_not_fit_is_counted() {
        let gate = Gate(Arc::default(), Shown::default());
        let counters = Arc::new(Counters::default());
        let writer = writer(Console::Json, gate.clone(), || false, &counters);
        let line = [b"x".repeat(999), b"\n".to_vec()].concat();
        let mut batch = Batch::default();
        (0..1_000).for_each(|_| batch.push(&line, Route::EVERYDAY));
        let began = std::time::Instant::now();
        (0..10).for_each(|_| writer.show(&batch));
        (0..100).for_each(|_| writer.drain(LONG));
        assert!(began.elapsed() < 20 * PATIENCE, "{:?}", began.elapsed());
        let dropped = counters.all_dropped(Log::Console);
        // What waits, and what is under way.
        assert!((10_000 - 2 * 1_049..10_000).contains(&dropped), "{dropped}");
        assert!(writer.0.shared.lock().lines.bytes.len() <= PENDING_BYTES);

        *gate.0.0.lock() = true;
        gate.0.1.notify_all();
        while gate.1.0.lock().len() as u64 != (10_000 - dropped) * 1_000 && began.elapsed() < LONG {
            thread::sleep(NAP);
        }
        assert_eq!(
            gate.1.0.lock().len() as u64,
            (10_000 - dropped) * 1_000,
            "the rest is shown, in whole lines"
        );
        writer.show(&batch);
        writer.drain(LONG);
        assert_eq!(counters.all_dropped(Log::Console), dropped, "and nothing more is dropped");
    }

    #[test]
    fn what_is_on_its_way_is_waited_for() {
        let (shown, counters) = (Shown::default(), Arc::default());
        let writer = writer(Console::Json, shown.clone(), || true, &counters);
        writer.announce();
        thread::scope(|scope| {
            scope.spawn(|| {
                thread::sleep(PATIENCE / 4);
                writer.show(&batch());
            });
            writer.drain(LONG);
            assert_eq!(*shown.0.lock(), b"{\"level\":\"INFO\"}\n");
        });
        // Of one that has nothing for the console, nobody waits for more.
        writer.announce();
        writer.show(&Batch::default());
        writer.drain(LONG);
    }

    #[test]
    fn what_need_not_wait_for_its_reader_is_waited_for_longer() {
        struct Late(Shown);
        impl Write for Late {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                thread::sleep(3 * PATIENCE);
                self.0.write(bytes)
            }

            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let shown = Shown::default();
        shows(Console::Json, Late(shown.clone()));
        assert_eq!(*shown.0.lock(), b"{\"level\":\"INFO\"}\n");
    }

    #[test]
    fn a_terminal_on_which_writes_do_not_wait_loses_nothing_and_tears_nothing() {
        struct Moody(Shown, u32);
        impl Write for Moody {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.1 += 1;
                match self.1 % 3 {
                    0 => self.0.write(&bytes[..bytes.len().min(5)]),
                    1 => Err(io::ErrorKind::WouldBlock.into()),
                    _ => Err(io::ErrorKind::Interrupted.into()),
                }
            }

            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let shown = Shown::default();
        let counters = shows(Console::Json, Moody(shown.clone(), 0));
        assert_eq!(*shown.0.lock(), b"{\"level\":\"INFO\"}\n");
        assert_eq!(counters.all_dropped(Log::Console), 0);
    }

    #[test]
    fn a_reader_that_is_slow_loses_nothing() {
        struct Slow(Shown);
        impl Write for Slow {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                thread::sleep(Duration::from_micros(300));
                self.0.write(bytes)
            }

            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let shown = Shown::default();
        let counters = Arc::new(Counters::default());
        let mut writer = writer(Console::Json, Slow(shown.clone()), || true, &counters);
        // However busy the machine is.
        Arc::get_mut(&mut writer.0).unwrap().patience = LONG;
        let line = [b"x".repeat(999), b"\n".to_vec()].concat();
        let mut batch = Batch::default();
        (0..6_000).for_each(|_| batch.push(&line, Route::EVERYDAY));
        writer.show(&batch);
        writer.drain(LONG);
        assert_eq!(shown.0.lock().len(), 6_000_000);
    }
}
