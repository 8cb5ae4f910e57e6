//! The log for whoever watches: on stderr, as text or as the same JSON.
//!
//! Text is made from the encoded line, whose control characters are escaped already: nothing that a record holds can
//! move the cursor, change colours or fake a line.

use std::io::{self, IsTerminal, Write};
use std::sync::Arc;

use super::batch::Batch;
use super::counters::{Counters, Operation, Reason};
use super::format::{LogFormat, Part};
use super::route::Log;
use super::scan::{members, string, unescape};

/// What stderr shows of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Console {
    /// A line of text for each record, in colours on a terminal.
    Text,
    /// The lines of the main file.
    Json,
    /// Nothing.
    Off,
}

/// Writes the lines of the console.
pub(super) struct ConsoleWriter {
    console: Console,
    format: LogFormat,
    colours: bool,
    out: Box<dyn Write + Send>,
    text: Vec<u8>,
    counters: Arc<Counters>,
}

/// What is written at once at most, and kept as a buffer.
const CHUNK_BYTES: usize = 16 * 1024;

impl ConsoleWriter {
    pub(super) fn stderr(console: Console, format: LogFormat, counters: Arc<Counters>) -> Self {
        // https://no-color.org
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let colours = io::stderr().is_terminal() && !plain;
        Self { format, ..Self::new(console, colours, Box::new(io::stderr()), counters) }
    }

    fn new(console: Console, colours: bool, out: Box<dyn Write + Send>, counters: Arc<Counters>) -> Self {
        Self { console, format: LogFormat::default(), colours, out, text: Vec::new(), counters }
    }

    /// Shows the lines of a batch. What cannot be shown is counted and gone: the files have it.
    pub(super) fn show(&mut self, batch: &Batch) {
        if self.console == Console::Off {
            return;
        }
        let mut lines = 0;
        for line in batch.lines_of(Log::Console) {
            match self.console {
                Console::Text => text(&mut self.text, line, self.format, self.colours),
                _ => self.text.extend_from_slice(line),
            }
            lines += 1;
            if self.text.len() >= CHUNK_BYTES {
                self.write(std::mem::take(&mut lines));
            }
        }
        if lines > 0 {
            self.write(lines);
        }
    }

    fn write(&mut self, lines: u64) {
        if self.out.write_all(&self.text).is_ok() {
            self.counters.written(Log::Console, lines);
        } else {
            self.counters.failed(Log::Console, Operation::Write);
            (0..lines).for_each(|_| self.counters.dropped(Log::Console, Reason::WriteFailed));
        }
        self.text.clear();
        self.text.shrink_to(CHUNK_BYTES);
    }
}

/// The text for a line, for other tests.
#[cfg(test)]
pub(super) fn text_of(line: &str, format: LogFormat) -> String {
    let mut out = Vec::new();
    text(&mut out, line.as_bytes(), format, false);
    String::from_utf8(out).unwrap()
}

const DIM: &str = "\x1b[2m";
const RESET: &str = "\x1b[0m";

/// Appends the text for an encoded line: time, level, logger, message, request id, fields.
fn text(out: &mut Vec<u8>, line: &[u8], format: LogFormat, colours: bool) {
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
                unescape(out, logger.unwrap_or_default());
                put(out, &[b":", style(RESET).as_bytes()]);
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
    let request = request_id.map(|id| (b"request_id".as_slice(), id));
    let error = error.map(|error| (b"error".as_slice(), error));
    let (labels, fields) = (members(labels.unwrap_or_default()), members(fields.unwrap_or_default()));
    for (name, value) in request.into_iter().chain(labels).chain(fields).chain(error) {
        put(out, &[b" ", style(DIM).as_bytes()]);
        unescape(out, name);
        put(out, &[b"=", style(RESET).as_bytes()]);
        match string(value) {
            Some(bare) if is_bare(bare) => out.extend_from_slice(bare),
            _ => out.extend_from_slice(value),
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
    use parking_lot::Mutex;

    #[track_caller]
    fn check(line: &str, expected: &str) {
        let mut out = Vec::new();
        text(&mut out, line.as_bytes(), LogFormat::Tachograph, false);
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
        text(&mut out, line, LogFormat::Tachograph, true);
        assert!(String::from_utf8(out).unwrap().contains("\x1b[33mWARN \x1b[0m"));
    }

    #[test]
    fn anything_at_all_is_shown_without_a_panic() {
        for line in
            ["", "{", "{}", "{\"", "{\"timestamp\":1}", "{\"level\":\"LONGER\"}", "[]", "{\"a\"}", "{\"a\":}"]
        {
            text(&mut Vec::new(), line.as_bytes(), LogFormat::Tachograph, true);
        }
    }

    #[derive(Clone, Default)]
    struct Shared(Arc<Mutex<Vec<u8>>>);

    impl Write for Shared {
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
    fn json_is_the_line_itself_and_only_what_goes_to_the_console() {
        let (shown, counters) = (Shared::default(), Arc::new(Counters::default()));
        ConsoleWriter::new(Console::Json, false, Box::new(shown.clone()), counters).show(&batch());
        assert_eq!(*shown.0.lock(), b"{\"level\":\"INFO\"}\n");
    }

    #[test]
    fn a_closed_stderr_is_counted_and_nothing_else() {
        let counters = Arc::new(Counters::default());
        ConsoleWriter::new(Console::Text, false, Box::new(Closed), Arc::clone(&counters)).show(&batch());
        assert_eq!(counters.all_dropped(Log::Console), 1);
    }
}
