//! What the operating system does with a process: it copies it, and it ends it.
//!
//! Where a process is copied (`fork`), the copy has the memory of all threads, but only the thread that copied. So the
//! locks of the log are taken before, lest they be left locked in the copy by threads that it does not have, and given
//! back in both after. The copy forgets what is queued, which the original writes, and starts a writer of its own
//! with its first record. Where it ends by `exit`, which is also what the return of `main` comes to, what is queued is
//! written first.

use std::cell::Cell;
use std::sync::OnceLock;
use std::time::Duration;

use super::Logs;
use super::console::HeldConsole;
use super::queue::HeldQueue;

/// How long an end by `exit` waits for the disk.
const EXIT_FLUSH: Duration = Duration::from_secs(10);

static LOGS: OnceLock<Logs> = OnceLock::new();

/// The locks, while the process is copied. That of the writer is not among them, since a write may take its time: the copy
/// has a writer of its own.
struct Held {
    queue: HeldQueue<'static>,
    console: HeldConsole<'static>,
}

thread_local! {
    static HELD: Cell<Option<Held>> = const { Cell::new(None) };
}

/// Sees to the log of this process from here on. Once only: there is one per process.
pub(crate) fn attend(logs: &Logs) {
    if LOGS.set(logs.clone()).is_err() {
        return;
    }
    // SAFETY: the handlers are functions that live as long as the program and do not unwind. That there may be no room
    // for them is not worth a refusal: what they do is only needed in programs that fork, or forget the guard.
    unsafe {
        libc::pthread_atfork(Some(before_fork), Some(after_fork_in_parent), Some(after_fork_in_child));
        libc::atexit(at_exit);
    }
}

extern "C" fn before_fork() {
    let Some(logs) = LOGS.get() else { return };
    let held = Held { queue: logs.0.queue.hold(), console: logs.0.parts.console.hold() };
    // Where the thread is at its very end already, the locks go back now, and the copy takes its chances.
    let _ = HELD.try_with(|slot| slot.set(Some(held)));
}

extern "C" fn after_fork_in_parent() {
    let _ = HELD.try_with(Cell::take);
}

extern "C" fn after_fork_in_child() {
    let Some(Held { queue, console }) = HELD.try_with(Cell::take).ok().flatten() else { return };
    console.orphan();
    crate::request_id::made::begin_anew();
    queue.orphan();
}

extern "C" fn at_exit() {
    if let Some(logs) = LOGS.get() {
        // What comes from other threads from here on, they write themselves.
        let _ = logs.shutdown(EXIT_FLUSH);
    }
}
