//! The log for whoever watches: on stderr, as text or as the same JSON.
//!
//! Text is made from the encoded line, whose control characters are escaped already: nothing that a record holds can
//! move the cursor, change colours or fake a line.
//!
//! A thread of its own writes it, since stderr may be a pipe that nobody empties: the files must not wait for that. The
//! log waits for a reader that is slow, and drops lines for one that stands still.

use std::io::{self, IsTerminal, Write};
use std::mem;
use std::sync::{Arc, PoisonError};
use std::thread;
use std::time::Duration;

use super::batch::Batch;
use super::counters::{Counters, Operation, Reason};
use super::format::{LogFormat, Part};
use super::route::Log;
use super::scan::{members, string, unescape};
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

/// Where lines are shown, and how.
struct Screen {
    is_text: bool,
    format: LogFormat,
    colours: bool,
    /// The widest logger so far, so that messages stand below each other.
    width: usize,
    out: Box<dyn Write + Send>,
    text: Vec<u8>,
}

/// What is written at once at most, and kept as a buffer.
const CHUNK_BYTES: usize = 16 * 1024;

/// What waits to be shown at most; as much again may be under way.
const PENDING_BYTES: usize = 1024 * 1024;

/// What one batch waits for a reader that is slow, at most: the maker of an ERROR may wait for the one who writes it.
const LONGEST_WAIT: Duration = Duration::from_millis(500);

/// A reader that takes nothing for that long stands still. Of a machine that is busy it may be as long until a thread runs.
const PATIENCE: Duration = Duration::from_millis(200);

/// How long the thread waits where a write of its own does not wait.
const NAP: Duration = Duration::from_millis(1);

impl ConsoleWriter {
    pub(super) fn stderr(console: Console, format: LogFormat, counters: Arc<Counters>) -> Self {
        let (colours, out) = stderr();
        Self::new(console, format, colours, out, counters)
    }

    fn new(
        console: Console,
        format: LogFormat,
        colours: bool,
        out: Box<dyn Write + Send>,
        counters: Arc<Counters>,
    ) -> Self {
        let state = State::new(Screen::new(console, format, colours, out));
        let (filled, progress) = (Condvar::new(), Condvar::new());
        let shared = Arc::new(Shared { state: Mutex::new(state), filled, progress });
        Self(Arc::new(Front { console, format, patience: PATIENCE, shared, counters }))
    }

    /// Shows the lines of a batch. What cannot be shown is counted and gone: the files have it.
    pub(super) fn show(&self, batch: &Batch) {
        if self.0.console != Console::Off {
            self.0.push(batch.lines_of(Log::Console));
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
        while !(state.is_stalled || state.is_idle && state.lines.count == 0) {
            let left = clock::duration(deadline.saturating_sub(clock::ticks()));
            let stepped;
            (state, stepped) = shared.wait_for_step(state, left.min(self.0.patience));
            if !stepped && left < self.0.patience {
                return;
            }
            // The next one who asks need not wait to find that out.
            state.is_stalled = !stepped;
        }
    }

    /// For a process that is about to be copied: nobody changes anything while this is held.
    pub(super) fn hold(&self) -> HeldConsole<'_> {
        HeldConsole { console: self.0.console, format: self.0.format, state: self.0.shared.lock() }
    }
}

/// Standard error, and whether it shows colours.
fn stderr() -> (bool, Box<dyn Write + Send>) {
    // https://no-color.org
    let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    // A closed stderr is an error here, where `eprintln!` would panic. Unit tests fail writes all the time.
    let out: Box<dyn Write + Send> = if cfg!(test) { Box::new(io::sink()) } else { Box::new(Stderr) };
    (io::stderr().is_terminal() && !plain, out)
}

/// Standard error without the lock around it, which a copy of the process would find locked for ever if it was copied in
/// the midst of a write. One thread writes it here, whole lines at a time.
struct Stderr;

impl Write for Stderr {
    #[cfg(unix)]
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // SAFETY: takes a number, and a place that is valid for as many bytes.
        let written = unsafe { libc::write(libc::STDERR_FILENO, bytes.as_ptr().cast(), bytes.len()) };
        usize::try_from(written).map_err(|_| io::Error::last_os_error())
    }

    #[cfg(not(unix))]
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        io::stderr().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
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
            is_stalled: false,
            is_over: false,
            unborn: Some(screen),
        }
    }
}

impl Front {
    fn push<'a>(&self, lines: impl Iterator<Item = &'a [u8]>) {
        let deadline = clock::ticks().saturating_add(clock::ticks_in(LONGEST_WAIT));
        let mut state = self.shared.lock();
        let mut dropped = 0;
        for line in lines {
            let has_room;
            (state, has_room) = self.await_room(state, line.len(), deadline);
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
        deadline: u64,
    ) -> (MutexGuard<'a, State>, bool) {
        let is_full = |state: &State| {
            state.lines.count > 0 && state.lines.bytes.len() + length > PENDING_BYTES && !state.is_stalled
        };
        while is_full(&state) && clock::ticks() < deadline {
            self.wake(&mut state);
            let stepped;
            (state, stepped) = self.shared.wait_for_step(state, self.patience);
            state.is_stalled = !stepped;
        }
        let has_room = state.lines.count == 0 || state.lines.bytes.len() + length <= PENDING_BYTES;
        (state, has_room)
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

    fn step(&self) {
        let mut state = self.lock();
        state.steps += 1;
        state.is_stalled = false;
        drop(state);
        self.progress.notify_all();
    }
}

impl Screen {
    fn new(console: Console, format: LogFormat, colours: bool, out: Box<dyn Write + Send>) -> Self {
        Self { is_text: console != Console::Json, format, colours, width: 0, out, text: Vec::new() }
    }

    /// Shows whole lines, and tells of each step.
    fn show(&mut self, mut bytes: &[u8], counters: &Counters, step: impl Fn()) {
        let mut lines = 0;
        while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            let (line, rest) = bytes.split_at(end + 1);
            if self.is_text {
                text(&mut self.text, line, self.format, self.colours, &mut self.width);
            } else {
                self.text.extend_from_slice(line);
            }
            lines += 1;
            bytes = rest;
            if self.text.len() >= CHUNK_BYTES || rest.is_empty() {
                self.write(mem::take(&mut lines), counters);
                step();
            }
        }
    }

    fn write(&mut self, lines: u64, counters: &Counters) {
        if self.write_all().is_ok() {
            counters.written(Log::Console, lines);
        } else {
            counters.failed(Log::Console, Operation::Write);
            counters.dropped_many(Log::Console, Reason::WriteFailed, lines);
        }
        self.text.clear();
        self.text.shrink_to(CHUNK_BYTES);
    }

    fn write_all(&mut self) -> io::Result<()> {
        let mut rest = self.text.as_slice();
        while !rest.is_empty() {
            match self.out.write(rest) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => rest = &rest[written..],
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // Whoever shares this terminal has made it so that writes do not wait.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => thread::sleep(NAP),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// The text for a line, for other tests.
#[cfg(test)]
pub(super) fn text_of(line: &str, format: LogFormat) -> String {
    let mut out = Vec::new();
    text(&mut out, line.as_bytes(), format, false, &mut 0);
    String::from_utf8(out).unwrap()
}

const DIM: &str = "\x1b[2m";
const BOLD: &str = "\x1b[1m";
const RESET: &str = "\x1b[0m";

/// Loggers are made equally wide up to here.
const WIDEST: usize = 32;

/// Appends the text for an encoded line: time, level, logger, message, request id, fields.
fn text(out: &mut Vec<u8>, line: &[u8], format: LogFormat, colours: bool, width: &mut usize) {
    let style = |code: &'static str| if colours { code } else { "" };
    let (mut message, mut request_id, mut labels, mut fields, mut error) = (None, None, None, None, None);
    for (key, value) in members(line) {
        match format.part(key) {
            Part::Time => {
                // The time of day, to the millisecond: a watcher knows the date.
                let time = string(value).and_then(|text| text.get(11..23)).unwrap_or_default();
                put(out, &[style(DIM).as_bytes(), time, b"Z", style(RESET).as_bytes()]);
            }
            Part::Level => {
                let level = string(value).unwrap_or_default().to_ascii_uppercase();
                put(out, &[b" ", style(colour(&level)).as_bytes(), &level, &b"     "[level.len().min(5)..]]);
                put(out, &[style(RESET).as_bytes()]);
            }
            Part::Logger | Part::Scope => {
                let logger = string(value).or_else(|| string(members(value).next()?.1));
                put(out, &[b" ", style(DIM).as_bytes()]);
                let logger = logger.unwrap_or_default();
                unescape(out, logger);
                put(out, &[b":", style(RESET).as_bytes()]);
                *width = logger.len().min(WIDEST).max(*width);
                out.resize(out.len() + width.saturating_sub(logger.len()), b' ');
            }
            Part::Message => message = string(value),
            Part::Request => request_id = Some(value),
            Part::Error => error = Some(value),
            Part::Labels => labels = Some(value),
            Part::Fields => fields = Some(value),
            Part::Other => {}
        }
    }
    // Not every format has the logger before it.
    if let Some(message) = message {
        out.push(b' ');
        unescape(out, message);
    }
    let request = request_id.map(|id| (b"request_id".as_slice(), id, BOLD));
    let error = error.map(|error| (b"error".as_slice(), error));
    let (labels, fields) = (members(labels.unwrap_or_default()), members(fields.unwrap_or_default()));
    let others = labels.chain(fields).chain(error).map(|(name, value)| (name, value, ""));
    for (name, value, weight) in request.into_iter().chain(others) {
        put(out, &[b" ", style(DIM).as_bytes()]);
        unescape(out, name);
        put(out, &[b"=", style(RESET).as_bytes(), style(weight).as_bytes()]);
        let bare = string(value).filter(|text| is_bare(text));
        out.extend_from_slice(bare.unwrap_or(value));
        if !weight.is_empty() {
            out.extend_from_slice(style(RESET).as_bytes());
        }
    }
    out.push(b'\n');
}

const fn colour(level: &[u8]) -> &'static str {
    match level {
        b"ERROR" => "\x1b[31m",
        b"WARN" | b"WARNING" => "\x1b[33m",
        b"INFO" => "\x1b[32m",
        _ => "\x1b[34m",
    }
}

fn put(out: &mut Vec<u8>, pieces: &[&[u8]]) {
    pieces.iter().for_each(|piece| out.extend_from_slice(piece));
}

/// Whether a text can stand without quotes.
fn is_bare(text: &[u8]) -> bool {
    !text.is_empty() && !text.iter().any(|byte| matches!(byte, b' ' | b'"' | b'\\' | b'='))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logs::route::Route;
    use parking_lot::{Condvar, Mutex};

    #[track_caller]
    fn check(line: &str, expected: &str) {
        let mut out = Vec::new();
        text(&mut out, line.as_bytes(), LogFormat::Tachograph, false, &mut 0);
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn a_record_reads_as_text() {
        check(
            concat!(
                r#"{"timestamp":"2026-02-08T18:30:45.123456Z","level":"INFO","logger":"mirror.performance","#,
                r#""message":"Performance: fetch","module":"mirror","function":"fetch","line":156,"request_id":"r-1","#,
                r#""extra":{"duration_ms":12.5,"url":"http://x/?a","empty":"","list":["a, b","}"],"q":"say \"hi\""}}"#,
                "\n"
            ),
            concat!(
                "18:30:45.123Z INFO  mirror.performance: Performance: fetch request_id=r-1 duration_ms=12.5 ",
                "url=http://x/?a empty=\"\" list=[\"a, b\",\"}\"] q=\"say \\\"hi\\\"\"\n"
            ),
        );
    }

    #[test]
    fn control_characters_stay_escaped() {
        check(
            r#"{"timestamp":"2026-02-08T18:30:45.123456Z","level":"ERROR","logger":"l","message":"a\u001b[2Jb\nc \"d\" \\"}"#,
            "18:30:45.123Z ERROR l: a\\u001b[2Jb\\nc \"d\" \\\n",
        );
    }

    #[test]
    fn colours_come_only_when_asked_for() {
        let line =
            br#"{"timestamp":"2026-02-08T18:30:45.123456Z","level":"WARN","logger":"l","message":"m"}"#;
        let mut out = Vec::new();
        text(&mut out, line, LogFormat::Tachograph, true, &mut 0);
        assert!(String::from_utf8(out).unwrap().contains("\x1b[33mWARN \x1b[0m"));
    }

    #[test]
    fn anything_at_all_is_shown_without_a_panic() {
        for line in
            ["", "{", "{}", "{\"", "{\"timestamp\":1}", "{\"level\":\"LONGER\"}", "[]", "{\"a\"}", "{\"a\":}"]
        {
            text(&mut Vec::new(), line.as_bytes(), LogFormat::Tachograph, true, &mut 0);
        }
    }

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

    #[test]
    fn messages_stand_below_each_other_unless_a_logger_is_very_long() {
        let (mut out, mut width) = (Vec::new(), 0);
        for logger in ["abc", "a", &"x".repeat(40), "ab"] {
            text(
                &mut out,
                format!(r#"{{"logger":"{logger}","message":"m"}}"#).as_bytes(),
                LogFormat::Tachograph,
                false,
                &mut width,
            );
        }
        let expected = format!(" abc: m\n a:   m\n {}: m\n ab:{} m\n", "x".repeat(40), " ".repeat(30));
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    /// No test comes near it: what takes this long hangs.
    const LONG: Duration = Duration::from_secs(60);

    fn shows(console: Console, out: impl Write + Send + 'static) -> Arc<Counters> {
        let counters = Arc::new(Counters::default());
        let writer =
            ConsoleWriter::new(console, LogFormat::Tachograph, false, Box::new(out), Arc::clone(&counters));
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
        let writer =
            ConsoleWriter::new(Console::Off, LogFormat::Tachograph, false, Box::new(shown.clone()), counters);
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
        let writer = ConsoleWriter::new(
            Console::Json,
            LogFormat::Tachograph,
            false,
            Box::new(gate.clone()),
            Arc::clone(&counters),
        );
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
        let mut writer = ConsoleWriter::new(
            Console::Json,
            LogFormat::Tachograph,
            false,
            Box::new(Slow(shown.clone())),
            counters,
        );
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
