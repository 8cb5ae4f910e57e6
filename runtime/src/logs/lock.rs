//! Waiting for what another process holds, but not for ever: it may be stopped.

use std::io;
use std::path::Path;
use std::thread;
use std::time::Duration;

use super::disk::Disk;

/// A fifth of a second in all: who holds a lock lets go within a millisecond, unless it is stopped, or the machine is.
const ROUNDS: u32 = 1_000;
const PAUSE: Duration = Duration::from_micros(100);

/// Tries until it gets something, or its patience is over.
pub(super) fn wait<T>(mut attempt: impl FnMut() -> io::Result<Option<T>>) -> io::Result<Option<T>> {
    for round in 0..ROUNDS {
        if let Some(got) = attempt()? {
            return Ok(Some(got));
        }
        if round < 10 { thread::yield_now() } else { thread::sleep(PAUSE) }
    }
    Ok(None)
}

/// Holds a directory while names in it change.
pub(super) fn hold_dir(disk: &dyn Disk, dir: &Path) -> io::Result<Box<dyn Send>> {
    wait(|| disk.lock_dir(dir))?.ok_or_else(|| {
        let text = format!("another process holds {} and does not let go", dir.display());
        io::Error::new(io::ErrorKind::TimedOut, text)
    })
}
