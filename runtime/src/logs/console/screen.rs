//! What writes to standard error.

use std::io::{self, IsTerminal, Write};
use std::mem;
use std::thread;
use std::time::Duration;

use super::Console;
use super::text::text;
use crate::logs::counters::{Counters, Operation, Reason};
use crate::logs::format::LogFormat;
use crate::logs::route::Log;

/// Where lines are shown, and how.
pub(super) struct Screen {
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

/// How long the thread waits where a write of its own does not wait.
pub(super) const NAP: Duration = Duration::from_millis(1);

impl Screen {
    pub(super) fn new(
        console: Console,
        format: LogFormat,
        colours: bool,
        out: Box<dyn Write + Send>,
    ) -> Self {
        Self { is_text: console != Console::Json, format, colours, width: 0, out, text: Vec::new() }
    }

    /// Shows whole lines, and tells of each step.
    pub(super) fn show(&mut self, mut bytes: &[u8], counters: &Counters, step: impl Fn()) {
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

/// Standard error, and whether it shows colours.
pub(super) fn stderr() -> (bool, Box<dyn Write + Send>) {
    // https://no-color.org
    let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    // A closed stderr is an error here, where `eprintln!` would panic. Unit tests fail writes all the time.
    let out: Box<dyn Write + Send> = if cfg!(test) { Box::new(io::sink()) } else { Box::new(Stderr) };
    (io::stderr().is_terminal() && !plain, out)
}

/// Whether standard error takes something at once.
#[cfg(unix)]
pub(super) fn stderr_has_room() -> bool {
    let mut stderr = libc::pollfd { fd: libc::STDERR_FILENO, events: libc::POLLOUT, revents: 0 };
    // SAFETY: one entry, which is valid for the call; it does not wait.
    unsafe { libc::poll(&raw mut stderr, 1, 0) == 1 && stderr.revents & libc::POLLOUT != 0 }
}

#[cfg(not(unix))]
pub(super) fn stderr_has_room() -> bool {
    false
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
