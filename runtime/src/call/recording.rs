//! Fields that a call collects for its performance record while its body runs.

use std::cell::{Cell, UnsafeCell};
use std::ptr::{self, NonNull};

use crate::call_site::CallSite;
use crate::field::{Fields, Value};

thread_local! {
    /// The innermost call of this thread that collects; null outside of one.
    static CURRENT: Cell<*const Collected> = const { Cell::new(ptr::null()) };
}

/// The fields of one call.
#[derive(Debug, Default)]
pub struct Collected(UnsafeCell<Fields>);

// SAFETY: fields are added only through `CURRENT`, on the thread that runs or polls the call, and read only by the
// owner of the call, between polls. A shared reference on another thread can reach neither.
unsafe impl Sync for Collected {}

impl Collected {
    /// Lends the fields to the code that runs until the guard drops. Where no record can come of the call nothing is
    /// lent, and nothing is captured.
    #[inline]
    pub(crate) fn lend(&self, site: &CallSite, is_timed: bool) -> Lent<'_> {
        Lent { outer: self.replace_current(site, is_timed), _fields: self }
    }

    /// Lends the fields until `restore_current` is given what this gives.
    #[inline]
    pub(super) fn replace_current(&self, site: &CallSite, is_timed: bool) -> *const Self {
        CURRENT.replace(if is_timed && site.is_armed() { self } else { ptr::null() })
    }

    #[inline]
    pub(super) fn restore_current(outer: *const Self) {
        CURRENT.set(outer);
    }

    /// What was collected; only while nothing is lent.
    pub(crate) fn get(&self) -> &Fields {
        // SAFETY: the owner asks when the body does not run, so nobody adds.
        unsafe { &*self.0.get() }
    }
}

/// Gives the place back to the outer call when it drops.
#[derive(Debug)]
pub(crate) struct Lent<'a> {
    outer: *const Collected,
    _fields: &'a Collected,
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        CURRENT.set(self.outer);
    }
}

/// Fields in a place of their own, lent to the code that runs until the guard drops.
#[derive(Debug)]
pub struct LentBox {
    /// Owned; not a `Box`, which would claim to be the only way to what it holds.
    collected: NonNull<Collected>,
    outer: *const Collected,
    lent: bool,
}

impl LentBox {
    /// Lends the fields as [`Collected::lend`] does, through a guard that owns them.
    pub(crate) fn new(site: &CallSite, is_timed: bool) -> Self {
        let collected = NonNull::from(Box::leak(Box::<Collected>::default()));
        let place = if is_timed && site.is_armed() { collected.as_ptr().cast_const() } else { ptr::null() };
        Self { collected, outer: CURRENT.replace(place), lent: true }
    }

    /// Gives the place back to the outer call; what was collected meanwhile.
    pub(crate) fn take_back(&mut self) -> &Fields {
        if std::mem::take(&mut self.lent) {
            CURRENT.set(self.outer);
        }
        // SAFETY: it was made in `new`, and goes only when the guard drops.
        unsafe { self.collected.as_ref() }.get()
    }
}

impl Drop for LentBox {
    fn drop(&mut self) {
        self.take_back();
        // SAFETY: it came from a `Box`, and nobody has it any more: it is lent no longer.
        drop(unsafe { Box::from_raw(self.collected.as_ptr()) });
    }
}

/// Adds fields to the performance record of the innermost call that takes some. They are not even evaluated where
/// no record can come of it.
#[inline]
pub fn record<const LEN: usize>(fields: impl FnOnce() -> [(&'static str, Value); LEN]) {
    let place = CURRENT.get();
    if place.is_null() {
        return;
    }
    // Evaluated first: the expressions are the user's, and may themselves record.
    let values = fields();
    // SAFETY: `place` was lent by a guard that has not dropped: guards are dropped in reverse order by the frames
    // that the current one was called from. No reference to the fields outlives a statement, here or in `get`.
    let collected = unsafe { &mut *(*place).0.get() };
    for (name, value) in values {
        collected.add(name, value);
    }
}
