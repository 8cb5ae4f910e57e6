//! Calls that end in another way than by returning, wherever they are when they do.

#![allow(clippy::await_holding_refcell_ref, reason = "it shows whether it is dropped")]

use std::cell::{Cell, RefCell};
use std::future::{pending, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use futures_util::future::{self, Either};
use tachograph::timed;

use super::driver::{
    drop_after_polls, give_way, on_a_plain_thread, panic_of, panic_of_future, work, work_later,
};

#[timed]
fn panics(message: &'static str) -> Result<u8, u8> {
    work();
    std::panic::panic_any(message)
}
shape!(sync panics => Panic, { assert_eq!(panic_of(|| panics("on purpose")), "on purpose") });

#[timed]
fn unwinds_with_a_payload_of_its_own() {
    work();
    std::panic::resume_unwind(Box::new(17_u8))
}
shape!(sync unwinds_with_a_payload_of_its_own => Panic, {
    let payload = std::panic::catch_unwind(unwinds_with_a_payload_of_its_own).unwrap_err();
    assert_eq!(payload.downcast_ref(), Some(&17_u8));
});

#[timed]
fn panics_further_in(depth: u8) {
    work();
    assert!(depth > 0, "deep enough");
    panics_further_in(depth - 1);
}
shape!(sync panics_further_in => 3 x Panic, { assert_eq!(panic_of(|| panics_further_in(2)), "deep enough") });

#[timed]
fn catches_what_another_panics_with() -> String {
    work();
    panic_of(|| panics_for_another())
}
#[timed]
fn panics_for_another() -> ! {
    work();
    panic!("caught")
}
shape!(sync caught => [
    sync "catches_what_another_panics_with" => 1 x Ok,
    sync "panics_for_another" => 1 x Panic
], { assert_eq!(catches_what_another_panics_with(), "caught") });

/// Calls an annotated function while the stack unwinds.
struct Cleans;

impl Drop for Cleans {
    fn drop(&mut self) {
        assert_eq!(cleans_up(), Ok(1));
    }
}

#[timed]
fn cleans_up() -> Result<u8, u8> {
    work();
    Ok(1)
}

#[timed]
fn panics_and_cleans_up() {
    let _cleans = Cleans;
    work();
    panic!("on purpose")
}
shape!(sync calls_while_unwinding => [
    sync "panics_and_cleans_up" => 1 x Panic,
    sync "cleans_up" => 1 x Ok
], { panic_of(panics_and_cleans_up); });

struct CleansLater;

impl Drop for CleansLater {
    fn drop(&mut self) {
        on_a_plain_thread(cleans_up_later());
        on_a_plain_thread(drop_after_polls(1, cleans_up_never()));
    }
}

#[timed]
async fn cleans_up_later() {
    work_later().await;
}

#[timed]
async fn cleans_up_never() {
    pending().await
}
shape!(send awaits_while_unwinding => [
    send "cleans_up_later" => 1 x Ok,
    send "cleans_up_never" => 1 x Cancelled
], {
    panic_of(|| {
        let _cleans = CleansLater;
        panic!("on purpose")
    });
});

#[timed]
async fn async_panics_at(step: u8) -> u8 {
    work_later().await;
    for at in 0..4 {
        assert_ne!(at, step, "on purpose");
        give_way().await;
    }
    step
}
shape!(send async_panics_at => 4 x Panic, {
    for step in 0..4 {
        let message = panic_of_future(async_panics_at(step)).await;
        assert!(message.contains("on purpose"), "{message}");
    }
});

#[timed]
async fn async_panics_at_once() -> u8 {
    work();
    panic!("on purpose")
}
shape!(send async_panics_at_once => Panic, {
    assert_eq!(panic_of_future(async_panics_at_once()).await, "on purpose");
});

#[timed]
async fn async_panics_and_is_polled_again() -> u8 {
    work();
    panic!("on purpose")
}
shape!(send async_panics_and_is_polled_again => Panic, {
    let mut future = Box::pin(async_panics_and_is_polled_again());
    panic_of_future(&mut future).await;
    let again = panic_of_future(&mut future).await;
    assert!(again.contains("resumed after panicking"), "{again}");
});

#[timed]
async fn async_polled_after_its_end() -> Result<u8, u8> {
    work();
    Err(1)
}
shape!(send async_polled_after_its_end => Error, {
    let mut future = Box::pin(async_polled_after_its_end());
    assert_eq!((&mut future).await, Err(1));
    let again = panic_of_future(&mut future).await;
    assert!(again.contains("resumed after completion"), "{again}");
});

#[timed]
fn given_future_polled_after_its_end() -> impl Future<Output = u8> {
    poll_fn(|_| {
        work();
        Poll::Ready(1)
    })
}
shape!(send given_future_polled_after_its_end => Ok, {
    let mut future = pin!(given_future_polled_after_its_end());
    for _ in 0..3 {
        assert_eq!(future.as_mut().await, 1, "this one may be polled again");
    }
});

#[timed]
async fn async_with_many_waits(steps: &Cell<u8>) -> u8 {
    loop {
        steps.set(steps.get() + 1);
        give_way().await;
    }
}
shape!(local async_with_many_waits => 5 x Cancelled, {
    for polls in 1..=5 {
        let steps = Cell::new(0);
        drop_after_polls(polls, async_with_many_waits(&steps)).await;
        assert_eq!(usize::from(steps.get()), polls);
    }
});

#[timed]
async fn async_never_polled(seen: &Cell<bool>) {
    seen.set(true);
    work_later().await;
}
shape!(local async_never_polled => 0 x Ok, {
    let seen = Cell::new(false);
    drop(async_never_polled(&seen));
    assert!(!seen.get());
});

#[timed]
async fn async_loses_a_race() {
    work_later().await;
    pending().await
}
shape!(send async_loses_a_race => Cancelled, {
    let other = async {
        work_later().await;
        work_later().await;
        7
    };
    match future::select(Box::pin(async_loses_a_race()), Box::pin(other)).await {
        Either::Left(_) => panic!("it never ends"),
        Either::Right((number, loser)) => {
            assert_eq!(number, 7);
            drop(loser);
        }
    }
});

#[timed]
async fn async_wins_a_race() -> u8 {
    work_later().await;
    1
}
shape!(send async_wins_a_race => Ok, {
    match future::select(Box::pin(async_wins_a_race()), Box::pin(pending::<()>())).await {
        Either::Left((number, _)) => assert_eq!(number, 1),
        Either::Right(_) => panic!("it never ends"),
    }
});

/// A runtime within a thread of its own, for what only tokio can do to a future.
fn within_tokio<T: Send>(body: impl AsyncFnOnce() -> T + Send) -> T {
    let run = || {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_time().build().unwrap();
        runtime.block_on(body())
    };
    std::thread::scope(|scope| scope.spawn(run).join().unwrap())
}

#[timed]
async fn async_timed_out() {
    pending().await
}
shape!(sync async_timed_out => [send "async_timed_out" => 1 x Cancelled], {
    within_tokio(async || {
        tokio::time::timeout(Duration::from_millis(3), async_timed_out()).await.unwrap_err();
    });
});

#[timed]
async fn async_in_time() -> u8 {
    work_later().await;
    1
}
shape!(sync async_in_time => [send "async_in_time" => 1 x Ok], {
    within_tokio(async || {
        assert_eq!(tokio::time::timeout(Duration::from_secs(60), async_in_time()).await.unwrap(), 1);
    });
});

#[timed]
async fn async_left_by_select(begun: tokio::sync::oneshot::Sender<()>) {
    work();
    begun.send(()).unwrap();
    pending().await
}
shape!(sync async_left_by_select => [send "async_left_by_select" => 1 x Cancelled], {
    within_tokio(async || {
        let (begun, has_begun) = tokio::sync::oneshot::channel();
        tokio::select! {
            () = async_left_by_select(begun) => panic!("it never ends"),
            Ok(()) = has_begun => {}
        }
    });
});

#[timed]
async fn async_aborted(begun: tokio::sync::oneshot::Sender<()>) {
    work_later().await;
    begun.send(()).unwrap();
    pending().await
}
shape!(sync async_aborted => [send "async_aborted" => 1 x Cancelled], {
    within_tokio(async || {
        let (begun, has_begun) = tokio::sync::oneshot::channel();
        let task = tokio::spawn(async_aborted(begun));
        has_begun.await.unwrap();
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
    });
});

#[timed]
async fn async_panics_in_a_task() -> u8 {
    work_later().await;
    panic!("on purpose")
}
shape!(sync async_panics_in_a_task => [send "async_panics_in_a_task" => 1 x Panic], {
    within_tokio(async || assert!(tokio::spawn(async_panics_in_a_task()).await.unwrap_err().is_panic()));
});

#[timed]
async fn async_dropped_with_its_runtime(begun: tokio::sync::oneshot::Sender<()>) {
    work_later().await;
    begun.send(()).unwrap();
    pending().await
}
shape!(sync async_dropped_with_its_runtime => [send "async_dropped_with_its_runtime" => 1 x Cancelled], {
    within_tokio(async || {
        let (begun, has_begun) = tokio::sync::oneshot::channel();
        tokio::spawn(async_dropped_with_its_runtime(begun));
        has_begun.await.unwrap();
    });
});

#[timed]
async fn async_dropped_by_a_panic(holder: Rc<RefCell<u8>>) {
    let _held = holder.borrow_mut();
    pending().await
}
shape!(local async_dropped_by_a_panic => Cancelled, {
    let number = Rc::new(RefCell::new(1));
    panic_of(|| {
        let mut future = Box::pin(async_dropped_by_a_panic(Rc::clone(&number)));
        assert!(future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        assert!(number.try_borrow().is_err());
        work();
        panic!("on purpose")
    });
    assert_eq!((Rc::strong_count(&number), *number.borrow()), (1, 1));
});

#[timed]
async fn async_outer_of_a_cancellation() {
    async_inner_of_a_cancellation().await;
}
#[timed]
async fn async_inner_of_a_cancellation() {
    std::future::pending::<()>().await;
}
shape!(send nested_cancellation => [
    send "async_outer_of_a_cancellation" => 1 x Cancelled,
    send "async_inner_of_a_cancellation" => 1 x Cancelled
], { drop_after_polls(1, async_outer_of_a_cancellation()).await });

#[timed]
async fn async_that_cancels_another() -> &'static str {
    drop_after_polls(2, async_cancelled_by_another()).await;
    "done"
}
#[timed]
async fn async_cancelled_by_another() {
    give_way().await;
    std::future::pending::<()>().await;
}
shape!(send cancelled_within => [
    send "async_that_cancels_another" => 1 x Ok,
    send "async_cancelled_by_another" => 1 x Cancelled
], { assert_eq!(async_that_cancels_another().await, "done") });

#[timed]
async fn async_joined(number: u8) -> u8 {
    work_later().await;
    if number > 9 {
        give_way().await;
    }
    number
}
shape!(send async_joined => 20 x Ok, {
    assert_eq!(future::join_all((0..20).map(async_joined)).await, Vec::from_iter(0..20));
});

#[timed]
async fn async_joined_until_one_fails(number: u8) -> Result<u8, u8> {
    work_later().await;
    if number == 3 {
        return Err(number);
    }
    pending().await
}
shape!(send async_joined_until_one_fails => [send "async_joined_until_one_fails" => 1 x Error], {
    assert_eq!(future::try_join_all([async_joined_until_one_fails(3)]).await, Err(3));
});

#[timed]
async fn async_spawned(number: u64) -> u64 {
    work_later().await;
    give_way().await;
    number
}
shape!(sync async_spawned => [send "async_spawned" => 50 x Ok], {
    let sum = within_tokio(async || {
        let tasks: Vec<_> = (0..50).map(|number| tokio::spawn(async_spawned(number))).collect();
        let mut sum = 0;
        for task in tasks {
            sum += task.await.unwrap();
        }
        sum
    });
    assert_eq!(sum, (0..50).sum::<u64>());
});

#[timed]
async fn async_catches_a_panic() -> String {
    work_later().await;
    panic_of_future(async {
        give_way().await;
        panic!("caught")
    })
    .await
}
shape!(send async_catches_a_panic => Ok, { assert_eq!(async_catches_a_panic().await, "caught") });

#[timed]
fn panics_before_the_future(number: Option<u8>) -> impl Future<Output = u8> {
    let number = number.expect("a number");
    async move {
        work_later().await;
        number
    }
}
shape!(sync panics_before_the_future => [send "panics_before_the_future" => 0 x Panic], {
    assert_eq!(panic_of(|| drop(panics_before_the_future(None))), "a number");
});

#[timed]
fn called_at_the_end_of_a_thread() {
    work();
}
shape!(sync called_at_the_end_of_a_thread => Ok, {
    struct CallsAtLast;
    impl Drop for CallsAtLast {
        fn drop(&mut self) {
            called_at_the_end_of_a_thread();
        }
    }
    thread_local!(static LAST: CallsAtLast = const { CallsAtLast });
    std::thread::spawn(|| LAST.with(|_| ())).join().unwrap();
});
