//! The caches of a program by their names.

use std::sync::{Mutex, PoisonError};

/// All that have been named. There are few, and they stay.
pub(super) struct Named<S: 'static>(Mutex<Vec<(&'static str, &'static S)>>);

impl<S> Named<S> {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// The one of a name: each is made once, so that a name can be given again wherever it is needed.
    pub(super) fn get(&self, name: &'static str, make: impl FnOnce() -> S) -> &'static S {
        let mut named = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = named.iter().find(|(known, _)| *known == name);
        if let Some((_, known)) = known {
            return known;
        }
        let made = Box::leak(Box::new(make()));
        named.push((name, made));
        made
    }
}
