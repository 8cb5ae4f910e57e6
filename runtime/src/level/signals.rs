//! Signals that change the level: `SIGUSR1` makes the log one step more verbose, `SIGUSR2` has it as configured.
//!
//! The handler notes what is wanted and rings; a thread does it. A copy of the process inherits both but the
//! thread: it starts one of its own with its first event, which then does what was wanted until then.

use std::cell::UnsafeCell;
use std::io;
use std::mem::MaybeUninit;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;

use super::{By, LevelHandle};
use crate::error::{Error, Kind};
use crate::reentry::TELLING;

const THREAD: &str = "tachograph-level";

/// The handle, once the signals are attended to.
static HANDLE: OnceLock<LevelHandle> = OnceLock::new();
/// What is wanted: so many steps up, after a return to what was configured where `RESET` is among them.
static WANTED: AtomicU32 = AtomicU32::new(0);
const RESET: u32 = 1 << 31;
/// There are five steps from `off` to `trace`; more signals than that may come before the thread runs.
const MOST_STEPS: u32 = 5;
/// This is a copy of a process that attended to the signals, and does not do so yet.
static IS_ORPHANED: AtomicBool = AtomicBool::new(false);
static BELL: Bell = Bell(UnsafeCell::new(MaybeUninit::uninit()));

/// A semaphore: of what wakes a thread, the only thing that a handler of signals may use without a file.
struct Bell(UnsafeCell<MaybeUninit<libc::sem_t>>);

// SAFETY: a semaphore is made to be shared; before it is initialised, nobody knows of it.
unsafe impl Sync for Bell {}

impl Bell {
    /// # Safety
    /// Called once, and before everything else.
    unsafe fn hang(&self) {
        // SAFETY: the place is valid, and nobody else uses it yet. It cannot fail with a count of nought.
        unsafe { libc::sem_init(self.0.get().cast(), 0, 0) };
    }

    fn ring(&self) {
        // SAFETY: initialised before the handlers were installed. It may be called in a handler.
        unsafe { libc::sem_post(self.0.get().cast()) };
    }

    /// Returns also where a signal comes to this thread, without a ring.
    fn wait(&self) {
        // SAFETY: initialised before the thread was started.
        unsafe { libc::sem_wait(self.0.get().cast()) };
    }
}

/// Attends to the signals from here on.
///
/// # Errors
/// Where there is no thread to be had, or the signals cannot be handled.
pub(crate) fn attend(handle: &LevelHandle) -> Result<(), Error> {
    if HANDLE.set(handle.clone()).is_err() {
        return Ok(());
    }
    // SAFETY: the first to set the handle comes here, and nobody else.
    unsafe { BELL.hang() };
    start().map_err(|source| Kind::Thread { name: THREAD, source })?;
    register("SIGUSR1", libc::SIGUSR1, || {
        let _ = WANTED.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_step_more);
    })?;
    register("SIGUSR2", libc::SIGUSR2, || WANTED.store(RESET, Ordering::Relaxed))
}

/// None where there is no step left.
const fn one_step_more(wanted: u32) -> Option<u32> {
    if wanted & !RESET < MOST_STEPS { Some(wanted + 1) } else { None }
}

/// Handlers that are there already run as well, before this one.
fn register(
    name: &'static str,
    signal: libc::c_int,
    note: impl Fn() + Send + Sync + 'static,
) -> Result<(), Error> {
    let handler = move || {
        note();
        BELL.ring();
    };
    // SAFETY: the handler changes an atomic and rings, both of which are safe within a signal handler.
    let registered = unsafe { signal_hook_registry::register(signal, handler) };
    let unset = "LOG_LEVEL_SIGNALS";
    registered.map(drop).map_err(|source| Kind::Signal { name, source, unset }.into())
}

fn start() -> io::Result<()> {
    let attend = || {
        TELLING.shield(|| {
            while let Some(handle) = HANDLE.get() {
                serve(handle);
                BELL.wait();
            }
        });
    };
    thread::Builder::new().name(THREAD.to_owned()).spawn(attend).map(drop)
}

/// Does what is wanted by now.
fn serve(handle: &LevelHandle) {
    let wanted = WANTED.swap(0, Ordering::Relaxed);
    if wanted & RESET != 0 {
        handle.reset_by(By::Signal("SIGUSR2"));
    }
    (0..wanted & !RESET).for_each(|_| handle.raise_by(By::Signal("SIGUSR1")));
}

/// In a copy of the process: what its original was to do is not its own.
pub(super) fn orphan() {
    if HANDLE.get().is_some() {
        WANTED.store(0, Ordering::Relaxed);
        IS_ORPHANED.store(true, Ordering::Relaxed);
    }
}

/// Has the thread of a copy started.
#[inline]
pub(super) fn attend_in_copy() {
    if IS_ORPHANED.load(Ordering::Relaxed) {
        adopt();
    }
}

#[cold]
fn adopt() {
    if IS_ORPHANED.swap(false, Ordering::Relaxed) {
        // Without a thread the level stays as it is, which is no reason to stop.
        let _ = start();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_counted_up_to_the_most_verbose_level() {
        let after =
            |wanted, signals| (0..signals).fold(wanted, |wanted, _| one_step_more(wanted).unwrap_or(wanted));
        assert_eq!(after(0, 2), 2);
        assert_eq!(after(RESET, 1), RESET + 1);
        assert_eq!(after(RESET, 1_000), RESET + MOST_STEPS);
    }
}
