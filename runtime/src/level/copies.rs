//! Where the process is copied, no change is under way: the copy has the memory of all threads, but only the one that
//! copied, and would wait for the others' for ever.

use std::cell::Cell;
use std::sync::OnceLock;

use super::LevelHandle;
use super::filters::Changing;
#[cfg(target_os = "linux")]
use super::signals;

static HANDLE: OnceLock<LevelHandle> = OnceLock::new();

thread_local! {
    static HELD: Cell<Option<Changing<'static>>> = const { Cell::new(None) };
}

/// Sees to it from here on. What a change holds while it tells the log is held after it: so this comes after the
/// log has seen to its own locks, which then are taken later.
pub(crate) fn attend(handle: &LevelHandle) {
    if HANDLE.set(handle.clone()).is_ok() {
        // SAFETY: the handlers are functions that live as long as the program and do not unwind. That there may be no
        // room for them is not worth a refusal.
        unsafe {
            libc::pthread_atfork(Some(before_fork), Some(after_fork_in_parent), Some(after_fork_in_child))
        };
    }
}

extern "C" fn before_fork() {
    let held = HANDLE.get().map(|handle| handle.filters.change());
    // Where the thread is at its very end already, it goes back now, and the copy takes its chances.
    let _ = HELD.try_with(|slot| slot.set(held));
}

extern "C" fn after_fork_in_parent() {
    let _ = HELD.try_with(Cell::take);
}

extern "C" fn after_fork_in_child() {
    let _ = HELD.try_with(Cell::take);
    #[cfg(target_os = "linux")]
    signals::orphan();
}
