//! A place for a reference to something that is never freed, so that it can be read without a lock.

use std::sync::atomic::{AtomicPtr, Ordering};

#[derive(Debug)]
pub(crate) struct Leaked<T>(AtomicPtr<T>);

impl<T: Sync + 'static> Leaked<T> {
    pub(crate) const fn none() -> Self {
        Self(AtomicPtr::new(std::ptr::null_mut()))
    }

    /// What was set last. Whoever sees it also sees all that was written to it before.
    #[inline]
    pub(crate) fn get(&self) -> Option<&'static T> {
        // SAFETY: the pointer is null, or came from a `&'static T` in `set`.
        unsafe { self.0.load(Ordering::Acquire).as_ref() }
    }

    pub(crate) fn set(&self, value: &'static T) {
        // Only ever read through.
        self.0.store(std::ptr::from_ref(value).cast_mut(), Ordering::Release);
    }
}
