//! SIGHUP, by which tools that rotate logs say that they have moved the files.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{Error, Kind};

const SIGHUP: i32 = 1;

/// From now on the signal has the files opened anew, and does not end the process.
pub(super) fn reopen_on_sighup(reopen: Arc<AtomicBool>) -> Result<(), Error> {
    // SAFETY: the handler only stores to an atomic, which is safe within a signal handler.
    let registered =
        unsafe { signal_hook_registry::register(SIGHUP, move || reopen.store(true, Ordering::Relaxed)) };
    let unset = "LOG_REOPEN_ON_SIGHUP";
    registered.map(drop).map_err(|source| Kind::Signal { name: "SIGHUP", source, unset }.into())
}
