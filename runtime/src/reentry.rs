//! Code that may come back to itself: an annotated allocator is called by whatever allocates, recording included.

use std::cell::Cell;
use std::thread::LocalKey;

/// Work that a thread does not begin a second time before it is through with it.
#[derive(Debug)]
pub(crate) struct Once(&'static LocalKey<Cell<bool>>);

/// Making room for what is counted: it allocates, and takes locks.
pub(crate) static MAKING_ROOM: Once = {
    thread_local!(static UNDER_WAY: Cell<bool> = const { Cell::new(false) });
    Once(&UNDER_WAY)
};

/// Telling the observer of a call, and the work of the log behind it: it allocates, and waits for the log.
pub(crate) static TELLING: Once = {
    thread_local!(static UNDER_WAY: Cell<bool> = const { Cell::new(false) });
    Once(&UNDER_WAY)
};

impl Once {
    /// Runs `work`, unless this thread is in the midst of it.
    pub(crate) fn run<T>(&self, work: impl FnOnce() -> T) -> Option<T> {
        if self.0.replace(true) {
            return None;
        }
        let _over = Restore(self.0, false);
        Some(work())
    }

    /// Runs `work` in any case; nothing that it calls begins it.
    #[cfg(feature = "telemetry")]
    pub(crate) fn shield<T>(&self, work: impl FnOnce() -> T) -> T {
        let _over = Restore(self.0, self.0.replace(true));
        work()
    }

    /// Whether this thread is in the midst of it.
    pub(crate) fn is_under_way(&self) -> bool {
        self.0.get()
    }
}

struct Restore(&'static LocalKey<Cell<bool>>, bool);

impl Drop for Restore {
    fn drop(&mut self) {
        self.0.set(self.1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_not_begun_within_itself() {
        let inner = MAKING_ROOM.run(|| (MAKING_ROOM.run(|| ()), TELLING.run(|| ())));
        assert_eq!(inner, Some((None, Some(()))), "one kind of work does not hinder the other");
    }

    #[test]
    #[cfg(feature = "telemetry")]
    fn what_is_shielded_runs_and_begins_nothing() {
        let within = |begun: Option<()>| {
            let inner = TELLING.shield(|| TELLING.run(|| ()));
            assert_eq!((inner, TELLING.is_under_way()), (None, begun.is_some()));
        };
        within(None);
        TELLING.run(|| within(Some(())));
        assert!(!TELLING.is_under_way());
    }

    #[test]
    fn work_that_panics_is_over() {
        let panicked = std::panic::catch_unwind(|| TELLING.run(|| std::panic::resume_unwind(Box::new(()))));
        assert!(panicked.is_err());
        assert_eq!(TELLING.run(|| 1), Some(1));
    }
}
