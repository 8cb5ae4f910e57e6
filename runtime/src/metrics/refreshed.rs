//! Gauges that are right when somebody looks: set anew before each page.

use std::sync::{Arc, Mutex, PoisonError, Weak};

/// Has gauges of its own, which it sets as things stand.
pub(crate) trait Refresh: Send + Sync {
    /// Called at each scrape, on one of the exporter's threads; does not wait.
    fn refresh(&self);
}

static ALL: Mutex<Vec<Weak<dyn Refresh>>> = Mutex::new(Vec::new());

/// Refreshes it from now on, until nobody has it any more.
pub(crate) fn refresh_at_scrapes(gauges: &Arc<impl Refresh + 'static>) {
    let gauges: Weak<dyn Refresh> = Arc::downgrade(gauges) as _;
    let mut all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
    all.retain(|known| known.strong_count() > 0);
    all.push(gauges);
}

/// Sets all of them. No lock is held meanwhile: the last handle may be dropped here, with whatever that does.
#[cfg(feature = "telemetry")]
pub(super) fn refresh_all() {
    let all: Vec<_> = {
        let all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().filter_map(Weak::upgrade).collect()
    };
    all.iter().for_each(|gauges| gauges.refresh());
}

#[cfg(all(test, feature = "telemetry"))]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    struct Counted(Arc<AtomicUsize>);

    impl Refresh for Counted {
        fn refresh(&self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn what_nobody_has_any_more_is_refreshed_no_more() {
        let count = Arc::new(AtomicUsize::new(0));
        let gauges = Arc::new(Counted(Arc::clone(&count)));
        refresh_at_scrapes(&gauges);
        refresh_all();
        let refreshed = count.load(Ordering::Relaxed);
        assert!(refreshed >= 1);
        drop(gauges);
        refresh_all();
        // Pages of other tests may have come between the two, while it was there.
        let after = count.load(Ordering::Relaxed);
        refresh_all();
        assert_eq!(count.load(Ordering::Relaxed), after);
    }
}
