//! The files of the runtime that read and write the same memory on several threads, with the atomics of a model checker.
//!
//! Each model is run in every order of its threads' steps, and with every value that the memory model lets a load see.

#[path = "../../../runtime/src/metrics/block.rs"]
mod block;
#[path = "../../../runtime/src/metrics/layout.rs"]
mod layout;
#[path = "../../../runtime/src/metrics/recent.rs"]
mod recent;

mod logs;

/// Time does not pass in a model.
mod clock {
    use std::time::Duration;

    pub(crate) fn ticks() -> u64 {
        0
    }

    pub(crate) fn ticks_in(_: Duration) -> u64 {
        1
    }

    pub(crate) fn duration(_: u64) -> Duration {
        Duration::MAX
    }
}

pub use self::logs::{
    a_flush_comes_back_and_nothing_is_lost, a_full_queue_goes_on, a_line_is_written_though_nobody_asks,
};

mod atomic {
    pub(crate) use loom::hint::spin_loop;
    pub(crate) use loom::sync::atomic::{AtomicU16, AtomicU32, AtomicU64, Ordering, fence};
}

/// The runtime's, around the model checker's pointer.
mod leaked {
    use loom::sync::atomic::{AtomicPtr, Ordering};

    #[derive(Debug)]
    pub(crate) struct Leaked<T>(AtomicPtr<T>);

    impl<T: 'static> Leaked<T> {
        pub(crate) fn none() -> Self {
            Self(AtomicPtr::new(std::ptr::null_mut()))
        }

        pub(crate) fn get(&self) -> Option<&'static T> {
            // SAFETY: the pointer is null, or came from a `&'static T` in `set`.
            unsafe { self.0.load(Ordering::Acquire).as_ref() }
        }

        pub(crate) fn set(&self, value: &'static T) {
            self.0.store(std::ptr::from_ref(value).cast_mut(), Ordering::Release);
        }
    }
}

use std::sync::LazyLock;

use self::atomic::{AtomicU64, Ordering};
use self::block::{Block, Line};
use self::layout::{Index, Layout, Octaves};
use self::recent::{Counters, Recent};

/// Three buckets: up to 1, up to 2, above.
static INDEX: LazyLock<Index> =
    LazyLock::new(|| Index::new(&Layout::new(&[], None, Octaves { first: 0, last: 0 }), 1.0));

/// Durations are sorted two by two, so that a few calls go through all there is; there is a counter for each of two outcomes.
struct Small {
    recent: Recent<2>,
    counters: [AtomicU64; 2],
}

impl Small {
    fn new() -> &'static Self {
        let small = leak(Self { recent: Recent::new(), counters: [0, 0].map(AtomicU64::new) });
        small.recent.prepare(&INDEX);
        small
    }

    fn record(&'static self, outcome: usize) {
        let counter = |outcome: usize, _| self.counters.get(outcome);
        assert!(self.recent.put(outcome, 1) || self.recent.put_and_sort((outcome, 1), Some(&INDEX), counter));
    }

    /// The number of calls by outcome, as a reader finds it.
    fn read(&self) -> [u64; 2] {
        let mut counts = Vec::new();
        self.recent.read(&mut counts, self);
        [0, 1].map(|outcome| counts.iter().filter(|count| count.0 == outcome).map(|count| count.2).sum())
    }
}

impl Counters for Small {
    fn each(&self, mut show: impl FnMut(usize, usize, &AtomicU64)) {
        for (outcome, counter) in self.counters.iter().enumerate() {
            show(outcome, 0, counter);
        }
    }
}

fn leak<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

fn check(preemptions: usize, model: impl Fn() + Sync + Send + 'static) {
    // Made once, and outside: it is the same in every run.
    LazyLock::force(&INDEX);
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.check(model);
}

/// One thread records `calls`, each an outcome, while another looks twice. Whoever looks finds each call once, never fewer than
/// before, and in the end all.
pub fn a_reader_finds_each_call_once(preemptions: usize, calls: &'static [usize]) {
    check(preemptions, move || {
        let small = Small::new();
        let writer = loom::thread::spawn(move || calls.iter().for_each(|&outcome| small.record(outcome)));
        let all = [0, 1].map(|outcome| calls.iter().filter(|&&call| call == outcome).count() as u64);
        let mut last = [0, 0];
        for _ in 0..2 {
            let now = small.read();
            for outcome in [0, 1] {
                assert!(
                    (last[outcome]..=all[outcome]).contains(&now[outcome]),
                    "{now:?} after {last:?} of {all:?}"
                );
            }
            last = now;
        }
        writer.join().expect("the writer ends well");
        assert_eq!(small.read(), all);
    });
}

/// A thread takes over the cells of one that ended, in the midst of a round, while another looks.
pub fn cells_pass_from_thread_to_thread(preemptions: usize) {
    check(preemptions, || {
        let small = Small::new();
        let free = leak(loom::sync::Mutex::new(()));
        let first = loom::thread::spawn(move || {
            let _ended = free.lock().expect("no panic");
            small.record(0);
        });
        first.join().expect("the first ends well");
        let second = loom::thread::spawn(move || {
            let _taken = free.lock().expect("no panic");
            small.record(0);
            small.record(0);
        });
        let seen = small.read()[0];
        assert!((1..=3).contains(&seen), "{seen}");
        second.join().expect("the second ends well");
        assert_eq!(small.read(), [3, 0]);
    });
}

/// The owner makes a line and counts in it, while another looks through the lines that there are.
pub fn a_line_is_seen_whole_or_not_at_all(preemptions: usize) {
    check(preemptions, || {
        let block: &'static Block = leak(Block::new());
        let owner = loom::thread::spawn(move || {
            block.add(1, 9, || leak(Line::new())).store(7, Ordering::Relaxed);
        });
        let mut counts = Vec::new();
        block.read(&mut counts);
        let seen: Vec<_> = counts.iter().filter(|count| count.2 != 0).collect();
        assert!(seen.iter().all(|&&count| count == (1, 9, 7)) && seen.len() <= 1, "{seen:?}");
        owner.join().expect("the owner ends well");
        let counter = block.counter(1, 9).expect("the line is there");
        assert_eq!(counter.load(Ordering::Relaxed), 7);
    });
}
