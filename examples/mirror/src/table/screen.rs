//! Standard output: a terminal, on which a text takes the place of the one before, or a file or pipe.

use std::io::{self, IsTerminal, Write};

/// Does not break lines that are too long for the terminal: a broken line would count as two when the cursor goes up.
const NO_WRAP: &str = "\x1b[?7l";
const WRAP: &str = "\x1b[?7h";

pub(super) struct Screen {
    is_terminal: bool,
    /// The height of what was shown last.
    lines: usize,
}

impl Screen {
    pub(super) fn stdout() -> Self {
        Self { is_terminal: io::stdout().is_terminal(), lines: 0 }
    }

    pub(super) fn is_terminal(&self) -> bool {
        self.is_terminal
    }

    /// Shows a text instead of the one before; where that is impossible, after it.
    pub(super) fn show(&mut self, text: &str) {
        self.clear();
        if self.is_terminal {
            print(&format!("{NO_WRAP}{text}{WRAP}"));
            self.lines = text.lines().count();
        } else {
            print(&format!("{text}\n"));
        }
    }

    /// Takes the text back, for what is printed next.
    pub(super) fn clear(&mut self) {
        if self.lines > 0 {
            print(&format!("\x1b[{}A\x1b[J", self.lines));
            self.lines = 0;
        }
    }
}

/// Writes to standard output. Nobody reading any more, as after `| head`, is no reason to end: the service goes on.
pub(crate) fn print(text: &str) {
    let mut stdout = io::stdout().lock();
    let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
}
