//! Handles of metrics, and whose they are: before a program has a recorder, handles do nothing, and must not be kept.

use std::sync::OnceLock;

use super::handles::recorder;

/// The handles of one recorder, and those of further ones. A program has two: none, and its own.
pub(crate) struct ByRecorder<H>(OnceLock<Box<(usize, H, Self)>>);

impl<H> ByRecorder<H> {
    pub(crate) const fn new() -> Self {
        Self(OnceLock::new())
    }

    /// The handles of the present recorder, found without a lock once they were made.
    pub(crate) fn get(&self, make: impl Fn() -> H) -> &H {
        let recorder = recorder();
        let mut place = self;
        loop {
            let (whose, handles, next) = &**place.0.get_or_init(|| Box::new((recorder, make(), Self::new())));
            if *whose == recorder {
                return handles;
            }
            place = next;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use metrics::{NoopRecorder, with_local_recorder};

    use super::*;

    #[test]
    fn handles_are_made_once_for_each_recorder() {
        let (handles, made) = (ByRecorder::new(), Cell::new(0));
        let get = || {
            *handles.get(|| {
                made.set(made.get() + 1);
                made.get()
            })
        };
        // Two of one address would be one: this type has no size of its own.
        let recorders = [(1_u8, NoopRecorder), (2, NoopRecorder)];
        assert_eq!((get(), get()), (1, 1));
        assert_eq!(with_local_recorder(&recorders[0].1, || (get(), get())), (2, 2));
        assert_eq!(with_local_recorder(&recorders[1].1, get), 3);
        assert_eq!((get(), with_local_recorder(&recorders[0].1, get)), (1, 2));
    }
}
