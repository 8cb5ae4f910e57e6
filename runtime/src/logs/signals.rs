//! Signals that end a process: what is queued is written first, and then the signal does what it does.
//!
//! Only where the signal would end the process: one that is ignored, or that the program handles, is left alone. A
//! handler that the program installs later takes the place of this one; should it call this one as well, as chains of
//! handlers do, the log is flushed and the rest is the program's.

use std::fs::File;
use std::io::{self, Read};
use std::mem::MaybeUninit;
use std::os::fd::{IntoRawFd, OwnedFd};
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::thread;
use std::time::Duration;

use libc::c_int;

use super::Logs;
use crate::reentry::TELLING;

/// What a signal waits for the disk.
const SIGNAL_FLUSH: Duration = Duration::from_secs(5);

const ENDING: [c_int; 3] = [libc::SIGTERM, libc::SIGINT, libc::SIGHUP];

/// Where the handler writes which signal came.
static PIPE: AtomicI32 = AtomicI32::new(-1);
/// The process that the reader of the pipe belongs to; its copies inherit the handler, and not the thread.
static PROCESS: AtomicI32 = AtomicI32::new(0);
/// A second signal does not wait for what the first one waits for.
static UNDER_WAY: AtomicBool = AtomicBool::new(false);

/// Sees to the signals from here on.
///
/// # Errors
/// Where there is no pipe or no thread to be had.
pub(crate) fn attend(logs: &Logs) -> io::Result<()> {
    if PROCESS.swap(process(), Ordering::Relaxed) != 0 {
        return Ok(());
    }
    let (reader, writer) = io::pipe()?;
    let mut reader = File::from(OwnedFd::from(reader));
    let logs = logs.clone();
    thread::Builder::new().name("tachograph-signal".to_owned()).spawn(move || {
        TELLING.shield(|| {
            let mut signal = [0];
            while reader.read_exact(&mut signal).is_ok() {
                end(&logs, signal[0].into());
                UNDER_WAY.store(false, Ordering::Relaxed);
            }
        });
    })?;
    // Never closed: the handler may run at any time, as long as the process lives.
    PIPE.store(OwnedFd::from(writer).into_raw_fd(), Ordering::Relaxed);
    for signal in ENDING {
        if disposition(signal) == libc::SIG_DFL {
            // SAFETY: the handler does only what a handler may do, and lives as long as the program.
            unsafe { set(signal, handler()) };
        }
    }
    Ok(())
}

/// Writes what is queued and lets the signal end the process, unless the program has come to handle it.
fn end(logs: &Logs, signal: c_int) {
    if disposition(signal) == handler() {
        // From here on each record is written by the thread that makes it.
        let _ = logs.shutdown(SIGNAL_FLUSH);
        // SAFETY: the default disposition runs no code of ours.
        unsafe { set(signal, libc::SIG_DFL) };
        // SAFETY: sends a signal that was sent to this process anyway.
        unsafe { libc::kill(process(), signal) };
    } else {
        let _ = logs.flush(SIGNAL_FLUSH);
    }
}

/// Runs in the midst of whatever the thread was at: no lock, no allocation.
extern "C" fn on_signal(signal: c_int) {
    // SAFETY: the place of `errno` is valid for the whole life of a thread.
    let errno = unsafe { *libc::__errno_location() };
    let told = process() == PROCESS.load(Ordering::Relaxed) && !UNDER_WAY.swap(true, Ordering::Relaxed) && {
        let byte = signal as u8;
        // SAFETY: `write` may be called here, and reads one byte from a place that is valid.
        1 == unsafe { libc::write(PIPE.load(Ordering::Relaxed), ptr::from_ref(&byte).cast(), 1) }
    };
    if !told {
        // SAFETY: both may be called here; the signal is let through once this handler returns.
        unsafe {
            set(signal, libc::SIG_DFL);
            libc::raise(signal);
        }
    }
    // SAFETY: as above.
    unsafe { *libc::__errno_location() = errno };
}

fn handler() -> libc::sighandler_t {
    on_signal as extern "C" fn(c_int) as libc::sighandler_t
}

fn process() -> c_int {
    // SAFETY: has no preconditions.
    unsafe { libc::getpid() }
}

fn disposition(signal: c_int) -> libc::sighandler_t {
    let mut current = MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: asks only, and writes to a place that is valid; all zeros are a valid value of it.
    unsafe {
        libc::sigaction(signal, ptr::null(), current.as_mut_ptr());
        current.assume_init().sa_sigaction
    }
}

/// # Safety
/// `handler` is a disposition, or a function that does only what may be done in a handler of signals.
unsafe fn set(signal: c_int, handler: libc::sighandler_t) {
    // SAFETY: all zeros are a valid value: no flags and no signals blocked.
    let mut action: libc::sigaction = unsafe { MaybeUninit::zeroed().assume_init() };
    action.sa_sigaction = handler;
    // The program's own system calls do not notice.
    action.sa_flags = libc::SA_RESTART;
    // SAFETY: `action` is valid, and the caller vouches for the handler.
    unsafe { libc::sigaction(signal, &action, ptr::null_mut()) };
}
