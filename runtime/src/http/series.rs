//! The handles of metrics by a label that has few values: found without a lock and without an allocation, once a thread has
//! seen the value.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread::LocalKey;

use http::Method;

use super::method::{METHODS, index_of};
use crate::measurement::REGISTRY;
use crate::names::recorder;

/// The value for all beyond the limit.
const OVERFLOW: &str = "__overflow__";
/// How many values are kept apart.
const MAX_VALUES: usize = 1_000;

/// The handles for one value of the label and one method.
pub(super) trait Series: Sized + 'static {
    /// What a recorder is to have beforehand.
    fn begin() {}
    fn register(value: &'static str, method: &'static str) -> Self;
}

/// The handles for one value of the label.
pub(super) struct ByMethod<S>([OnceLock<S>; METHODS.len()]);

/// The handles by the value of the label, and whose they are: before a program has a recorder, handles do nothing, and must not
/// be kept.
pub(super) struct Known<S: 'static> {
    recorder: usize,
    by_value: BTreeMap<&'static str, &'static ByMethod<S>>,
}

impl<S: Series> Known<S> {
    pub(super) const fn new() -> Self {
        Self { recorder: 0, by_value: BTreeMap::new() }
    }

    fn of_recorder(&mut self, recorder: usize, begin: impl FnOnce()) -> &mut Self {
        if self.recorder != recorder {
            self.by_value.clear();
            begin();
            self.recorder = recorder;
        }
        self
    }

    fn get(&self, value: &str) -> Option<&'static ByMethod<S>> {
        self.by_value.get(value).copied()
    }

    fn get_or_add(&mut self, value: &str) -> (&'static str, &'static ByMethod<S>) {
        let is_full = self.by_value.len() >= MAX_VALUES && !self.by_value.contains_key(value);
        let value = if is_full {
            REGISTRY.refuse();
            OVERFLOW
        } else {
            value
        };
        if let Some((value, known)) = self.by_value.get_key_value(value) {
            return (value, known);
        }
        let value: &'static str = Box::leak(value.into());
        let made: &'static _ = Box::leak(Box::new(ByMethod([const { OnceLock::new() }; METHODS.len()])));
        self.by_value.insert(value, made);
        (value, made)
    }
}

/// What all threads know, and what each does.
pub(super) type Shared<S> = Mutex<Known<S>>;
pub(super) type OfThread<S> = LocalKey<RefCell<Known<S>>>;

/// The handles for a value and a method.
pub(super) fn find<S: Series>(
    shared: &Shared<S>,
    of_thread: &'static OfThread<S>,
    value: &str,
    method: &Method,
) -> &'static S {
    let recorder = recorder();
    let method = index_of(method);
    let known = of_thread.try_with(|known| {
        let mut known = known.try_borrow_mut().ok()?;
        known.of_recorder(recorder, || ()).get(value)?.0[method].get()
    });
    known.ok().flatten().unwrap_or_else(|| find_in_all(shared, of_thread, recorder, value, method))
}

#[cold]
fn find_in_all<S: Series>(
    shared: &Shared<S>,
    of_thread: &'static OfThread<S>,
    recorder: usize,
    value: &str,
    method: usize,
) -> &'static S {
    let (value, found) = {
        let mut shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
        shared.of_recorder(recorder, S::begin).get_or_add(value)
    };
    let _ = of_thread.try_with(|known| {
        if let Ok(mut known) = known.try_borrow_mut() {
            known.of_recorder(recorder, || ()).by_value.insert(value, found);
        }
    });
    found.0[method].get_or_init(|| S::register(value, METHODS[method]))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use metrics::{
        Counter, Gauge, Histogram, Key, KeyName, Metadata, SharedString, Unit, with_local_recorder,
    };

    use super::*;

    /// Knows how many counters it was asked for.
    #[derive(Default)]
    struct Asked(AtomicUsize);

    impl metrics::Recorder for Asked {
        fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
        fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
        fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
        fn register_counter(&self, _: &Key, _: &Metadata<'_>) -> Counter {
            self.0.fetch_add(1, Ordering::Relaxed);
            Counter::noop()
        }
        fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
            Gauge::noop()
        }
        fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
            Histogram::noop()
        }
    }

    /// Whose handles they are, and nothing more.
    #[derive(Debug, PartialEq)]
    struct Named(&'static str, &'static str);

    impl Series for Named {
        fn register(value: &'static str, method: &'static str) -> Self {
            metrics::counter!("named_total").increment(1);
            Self(value, method)
        }
    }

    thread_local! {
        static OF_THREAD: RefCell<Known<Named>> = const { RefCell::new(Known::new()) };
    }

    fn find_named(shared: &Shared<Named>, value: &str, method: &Method) -> &'static Named {
        let of_thread: &'static OfThread<Named> = &OF_THREAD;
        find(shared, of_thread, value, method)
    }

    #[test]
    fn handles_are_made_once_for_all_threads() {
        let (shared, recorder) = (Shared::new(Known::new()), Asked::default());
        let all = || {
            with_local_recorder(&recorder, || {
                for _ in 0..100 {
                    assert_eq!(find_named(&shared, "/a", &Method::GET), &Named("/a", "GET"));
                    assert_eq!(find_named(&shared, "/a", &Method::POST), &Named("/a", "POST"));
                    assert_eq!(find_named(&shared, "/b", &Method::GET), &Named("/b", "GET"));
                }
            });
        };
        std::thread::scope(|scope| (0..4).for_each(|_| drop(scope.spawn(all))));
        assert_eq!(recorder.0.load(Ordering::Relaxed), 3);
    }

    #[test]
    fn handles_from_before_there_was_a_recorder_are_not_kept() {
        let (shared, recorder) = (Shared::new(Known::new()), Asked::default());
        let before = std::ptr::from_ref(find_named(&shared, "/a", &Method::GET));
        with_local_recorder(&recorder, || {
            assert!(!std::ptr::eq(before, find_named(&shared, "/a", &Method::GET)));
        });
        assert_eq!(recorder.0.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn values_beyond_the_limit_are_one_and_each_is_counted() {
        let shared = Shared::new(Known::new());
        let route = |number: usize| format!("/{number}");
        for number in 0..MAX_VALUES {
            assert_eq!(find_named(&shared, &route(number), &Method::GET).0, route(number));
        }
        let refused = REGISTRY.refused();
        for _ in 0..2 {
            for number in MAX_VALUES..MAX_VALUES + 10 {
                assert_eq!(find_named(&shared, &route(number), &Method::GET), &Named(OVERFLOW, "GET"));
            }
        }
        assert!(REGISTRY.refused() >= refused + 20);
        assert_eq!(find_named(&shared, "/7", &Method::GET).0, "/7");
        assert!(OF_THREAD.with_borrow(|known| known.by_value.len()) <= MAX_VALUES + 1);
    }
}
