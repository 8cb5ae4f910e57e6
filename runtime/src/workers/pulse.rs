//! What wakes those who wait, every five seconds: a worker that has nothing to do is to show that it could.
//!
//! It is a thread, and no timer of a runtime, since it must not matter which runtime there is. It ends when nobody waits.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use std::thread;
use std::time::Duration;

const PERIOD: Duration = Duration::from_secs(5);

/// How often all were woken.
static BEATS: AtomicU64 = AtomicU64::new(0);

static WAITING: Mutex<Waiting> = Mutex::new(Waiting { wakers: BTreeMap::new(), next: 0, has_thread: false });

struct Waiting {
    wakers: BTreeMap<u64, Waker>,
    next: u64,
    has_thread: bool,
}

impl Waiting {
    fn lock() -> MutexGuard<'static, Self> {
        WAITING.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where no thread can be made, only what else wakes a worker shows that it lives.
    fn ensure_thread(&mut self) {
        if !self.has_thread {
            self.has_thread =
                thread::Builder::new().name("tachograph-pulse".into()).spawn(beat_while_awaited).is_ok();
        }
    }
}

fn beat_while_awaited() {
    loop {
        thread::sleep(PERIOD);
        let wakers: Vec<_> = {
            let mut waiting = Waiting::lock();
            waiting.has_thread = !waiting.wakers.is_empty();
            waiting.wakers.values().cloned().collect()
        };
        BEATS.fetch_add(1, Ordering::Relaxed);
        if wakers.is_empty() {
            return;
        }
        wakers.into_iter().for_each(Waker::wake);
    }
}

/// Wakes one that waits, until it drops.
#[derive(Debug, Default)]
pub(super) struct Pulse(Option<(u64, Waker)>);

impl Pulse {
    /// To be called by each poll that has to wait.
    pub(super) fn wake(&mut self, waker: &Waker) {
        if self.0.as_ref().is_some_and(|(_, known)| known.will_wake(waker)) {
            return;
        }
        // What wakers do when they are cloned and dropped is not ours to know: not under the lock.
        let (kept, given) = (waker.clone(), waker.clone());
        let mut waiting = Waiting::lock();
        let place = self.0.as_ref().map_or(waiting.next, |(place, _)| *place);
        waiting.next = waiting.next.max(place.saturating_add(1));
        let former = waiting.wakers.insert(place, given);
        waiting.ensure_thread();
        drop(waiting);
        drop(former);
        self.0 = Some((place, kept));
    }
}

impl Drop for Pulse {
    fn drop(&mut self) {
        if let Some((place, _)) = &self.0 {
            let waker = Waiting::lock().wakers.remove(place);
            drop(waker);
        }
    }
}

/// The next time that all are woken.
pub(super) async fn next() {
    let (before, mut pulse) = (BEATS.load(Ordering::Relaxed), Pulse::default());
    poll_fn(|task| {
        pulse.wake(task.waker());
        if BEATS.load(Ordering::Relaxed) == before { Poll::Pending } else { Poll::Ready(()) }
    })
    .await;
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::task::Wake;

    use super::*;

    struct Nobody;

    impl Wake for Nobody {
        fn wake(self: Arc<Self>) {}
    }

    #[test]
    fn who_waits_no_longer_is_let_go() {
        let (nobody, other) = (Arc::new(Nobody), Arc::new(Nobody));
        let mut pulse = Pulse::default();
        for _ in 0..3 {
            pulse.wake(&Waker::from(Arc::clone(&nobody)));
        }
        assert_eq!(Arc::strong_count(&nobody), 3, "one is kept by the waiting one, one by the thread");
        pulse.wake(&Waker::from(Arc::clone(&other)));
        assert_eq!((Arc::strong_count(&nobody), Arc::strong_count(&other)), (1, 3));
        drop(pulse);
        assert_eq!(Arc::strong_count(&other), 1);
    }
}
