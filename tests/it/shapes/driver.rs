//! Calls a shape, and holds what was recorded against what was seen from outside.

use std::any::Any;
use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::pin::pin;
use std::sync::{Arc, Mutex, Once, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use tachograph::{FunctionStats, Outcome, functions};

/// How long every annotated body works, at least.
pub(super) const WORK: Duration = Duration::from_millis(2);

/// The time that a body takes.
pub(super) fn work() {
    thread::sleep(WORK);
}

/// The same for an async body: a timer that no executor has to know.
pub(super) async fn work_later() {
    let until = Instant::now() + WORK;
    poll_fn(|context| {
        if Instant::now() >= until {
            return Poll::Ready(());
        }
        let waker = context.waker().clone();
        thread::spawn(move || {
            thread::sleep(until.saturating_duration_since(Instant::now()));
            waker.wake();
        });
        Poll::Pending
    })
    .await;
}

/// Gives way to others once.
pub(super) async fn give_way() {
    let mut gave_way = false;
    poll_fn(|context| {
        if std::mem::replace(&mut gave_way, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// A line of the table.
pub(super) struct Shape {
    pub(super) functions: &'static [Expected],
    /// One caller at a time: the figures of a function are those of all its callers.
    pub(super) turn: Mutex<()>,
}

/// What the calls of a function leave behind.
pub(super) struct Expected {
    pub(super) function: &'static str,
    pub(super) is_async: bool,
    pub(super) calls: u64,
    pub(super) outcome: Outcome,
}

impl Shape {
    /// Calls the shape, and sees that exactly the expected was recorded.
    pub(super) fn check(&self, call: impl FnOnce()) {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let figures =
            || self.functions.iter().map(|expected| figures_of(expected.function)).collect::<Vec<_>>();
        let before = figures();
        let started = Instant::now();
        call();
        let around = started.elapsed();
        for ((expected, now), before) in self.functions.iter().zip(figures()).zip(before) {
            let now = now.unwrap_or_else(|| panic!("no function `{}`", expected.function));
            expected.check(&before.map_or_else(|| now.clone(), |before| now.since(&before)), around);
        }
    }
}

impl Expected {
    /// Exactly these calls, which took as long as their bodies worked and no longer than it looks from outside.
    fn check(&self, added: &FunctionStats, around: Duration) {
        let name = self.function;
        let mut expected = [0; 4];
        expected[self.outcome as usize] = self.calls;
        let calls = Outcome::ALL.map(|outcome| added.calls(outcome));
        assert_eq!(calls, expected, "{name}: ok, error, panic, cancelled");

        let calls = u32::try_from(self.calls).unwrap();
        let (least, most) = (WORK * calls, around * calls);
        let recorded = added.sum();
        assert!(least <= recorded && recorded <= most, "{name}: {recorded:?} is not in {least:?}..={most:?}");
        assert_eq!(added.busy().is_some(), self.is_async, "{name}: busy time is that of futures and streams");
        assert_eq!(added.in_flight().unwrap_or(0), 0, "{name}: nothing is under way any more");
        assert!(added.busy().is_none_or(|busy| busy <= recorded), "{name}: busy for longer than it took");
    }
}

/// The figures of the one function of this name among the shapes, behind its module's name where it needs one. One that
/// has labels of its own has none before its first call.
fn figures_of(name: &str) -> Option<FunctionStats> {
    let is_meant = |stats: &FunctionStats| {
        let (module, function) = (stats.module(), stats.function());
        let is_shape = module.contains("::shapes") && function == name;
        is_shape || module.starts_with("edition_") && format!("{module}::{function}") == name
    };
    let mut found = functions().into_iter().filter(is_meant);
    let figures = found.next();
    assert!(found.next().is_none(), "`{name}` stands twice");
    figures
}

/// Polls on this thread, which sleeps in between.
pub(super) fn on_a_plain_thread<T>(future: impl Future<Output = T>) -> T {
    struct Unparks(Thread);
    impl Wake for Unparks {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }

    let waker = Waker::from(Arc::new(Unparks(thread::current())));
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
        thread::park();
    }
}

/// A task of tokio's, which moves between threads.
pub(super) fn on_tokio(future: impl Future<Output = ()> + Send + 'static) {
    match tokio().block_on(async { tokio::spawn(future).await }) {
        Ok(()) => {}
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

/// The same for a future that cannot move.
pub(super) fn on_tokio_local(future: impl Future<Output = ()> + 'static) {
    tokio().block_on(tokio::task::LocalSet::new().run_until(future));
}

/// A runtime of one's own: its threads print where this test prints.
fn tokio() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_time().build().unwrap()
}

/// The second executor.
pub(super) fn on_futures(future: impl Future<Output = ()>) {
    futures_executor::LocalPool::new().run_until(future);
}

/// The message of the panic that a call ends with.
pub(super) fn panic_of<T>(call: impl FnOnce() -> T) -> String {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(_) => panic!("it returned"),
        Err(payload) => message(&*payload),
    }
}

/// The same for a future.
pub(super) async fn panic_of_future<T>(future: impl Future<Output = T>) -> String {
    let mut future = pin!(future);
    poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(_)) => panic!("it returned"),
        Err(payload) => Poll::Ready(message(&*payload)),
    })
    .await
}

/// The line of the panic that a call ends with.
pub(super) fn line_of_panic(call: impl FnOnce()) -> u32 {
    thread_local!(static LINE: Cell<u32> = const { Cell::new(0) });
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let others = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            LINE.set(info.location().map_or(0, Location::line));
            others(info);
        }));
    });
    panic_of(call);
    LINE.get()
}

fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_default()
}

/// Drops a future that has been polled so many times and is not ready, after as long as a body works.
pub(super) async fn drop_after_polls<T>(polls: usize, future: impl Future<Output = T>) {
    let mut future = Box::pin(future);
    for _ in 0..polls {
        poll_fn(|context| {
            assert!(future.as_mut().poll(context).is_pending(), "it was ready");
            Poll::Ready(())
        })
        .await;
    }
    work();
}
