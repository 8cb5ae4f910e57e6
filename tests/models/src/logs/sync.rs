//! The model checker's locks. Its time does not pass: a wait that is meant to end by itself is over as soon as others had
//! their turn, and one with a limit for what should never happen has no limit.

use std::ops::{Deref, DerefMut};
use std::sync::{LockResult, PoisonError};
use std::time::Duration;

#[derive(Debug)]
pub(super) struct Mutex<T>(loom::sync::Mutex<T>);

impl<T> Mutex<T> {
    pub(super) fn new(value: T) -> Self {
        Self(loom::sync::Mutex::new(value))
    }

    pub(super) fn lock(&self) -> Result<MutexGuard<'_, T>, PoisonError<MutexGuard<'_, T>>> {
        Ok(MutexGuard { mutex: self, guard: Some(locked(self.0.lock())) })
    }
}

/// Knows its mutex, to give it back for a while.
pub(super) struct MutexGuard<'a, T> {
    mutex: &'a Mutex<T>,
    guard: Option<loom::sync::MutexGuard<'a, T>>,
}

impl<'a, T> MutexGuard<'a, T> {
    fn without(
        mut self,
        work: impl FnOnce(loom::sync::MutexGuard<'a, T>) -> loom::sync::MutexGuard<'a, T>,
    ) -> Self {
        self.guard = self.guard.take().map(work);
        self
    }
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.guard.as_ref().expect("held but for a wait")
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.guard.as_mut().expect("held but for a wait")
    }
}

/// What healthy writers never take.
const NEVER: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(super) struct Condvar(loom::sync::Condvar);

pub(super) struct TimedOut(bool);

impl TimedOut {
    pub(super) fn timed_out(&self) -> bool {
        self.0
    }
}

impl Condvar {
    pub(super) fn new() -> Self {
        Self(loom::sync::Condvar::new())
    }

    pub(super) fn notify_one(&self) {
        self.0.notify_one();
    }

    pub(super) fn notify_all(&self) {
        self.0.notify_all();
    }

    pub(super) fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> LockResult<MutexGuard<'a, T>> {
        Ok(guard.without(|guard| locked(self.0.wait(guard))))
    }

    pub(super) fn wait_timeout<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
        timeout: Duration,
    ) -> LockResult<(MutexGuard<'a, T>, TimedOut)> {
        if timeout >= NEVER {
            return Ok((locked(self.wait(guard)), TimedOut(false)));
        }
        let mutex = guard.mutex;
        let guard = guard.without(|guard| {
            drop(guard);
            loom::thread::yield_now();
            locked(mutex.0.lock())
        });
        Ok((guard, TimedOut(true)))
    }

    pub(super) fn wait_timeout_while<'a, T>(
        &self,
        mut guard: MutexGuard<'a, T>,
        timeout: Duration,
        mut condition: impl FnMut(&mut T) -> bool,
    ) -> LockResult<(MutexGuard<'a, T>, TimedOut)> {
        while condition(&mut guard) {
            guard = locked(self.wait(guard));
        }
        Ok((guard, TimedOut(timeout.is_zero())))
    }
}

/// No model goes on after a panic.
fn locked<T>(result: LockResult<T>) -> T {
    result.unwrap_or_else(PoisonError::into_inner)
}
