use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::pin;
use std::sync::mpsc::channel;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::*;
use crate::measurement::{FunctionStats, functions};

fn stats(site: &'static CallSite) -> FunctionStats {
    measurement::REGISTRY.register(site);
    let found = functions().into_iter().find(|stats| stats.function() == site.name());
    found.expect("a registered call site")
}

fn outcomes(site: &'static CallSite) -> [u64; 4] {
    let stats = stats(site);
    Outcome::ALL.map(|outcome| stats.calls(outcome))
}

fn ok<T>(_: &T) -> Outcome {
    Outcome::Ok
}

fn measured<F: Future>(
    site: &'static CallSite,
    future: F,
    judge: impl Fn(&F::Output) -> Outcome,
) -> impl Future<Output = F::Output> {
    timed(future, move |output| (site, output.map_or(Outcome::Ok, &judge)))
}

fn poll<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// Is pending for so many polls.
async fn pending(polls: u32) {
    let mut left = polls;
    std::future::poll_fn(|_| {
        let is_over = left == 0;
        left = left.saturating_sub(1);
        if is_over { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

#[test]
fn the_gauge_follows_calls_however_they_end() {
    static SITE: CallSite = CallSite::function("function=\"gauged\"", 1).in_flight();
    let outer = SITE.start();
    let inner = SITE.start();
    assert_eq!(stats(&SITE).in_flight(), Some(2));
    inner.finish(Outcome::Error);
    assert_eq!(stats(&SITE).in_flight(), Some(1));
    drop(outer);
    let panicked = catch_unwind(|| SITE.start().measure(|| resume_unwind(Box::new(()))).judged(ok::<()>));
    assert!(panicked.is_err());
    assert_eq!((stats(&SITE).in_flight(), outcomes(&SITE)), (Some(0), [0, 1, 1, 1]));
}

#[test]
fn a_future_is_under_way_from_its_first_poll_on_whatever_thread() {
    static SITE: CallSite = CallSite::future("function=\"gauged_future\"", 1).in_flight();
    let in_flight = || stats(&SITE).in_flight();
    let mut moved = Box::pin(measured(&SITE, pending(1), ok));
    assert_eq!(in_flight(), Some(0), "it was not polled");
    assert!(poll(moved.as_mut()).is_pending());
    assert_eq!(in_flight(), Some(1));
    let dropped = std::thread::spawn(move || {
        let mut dropped = Box::pin(measured(&SITE, pending(1), ok));
        assert!(poll(dropped.as_mut()).is_pending());
        assert!(poll(moved.as_mut()).is_ready());
        dropped
    });
    let dropped = dropped.join().expect("the thread ends well");
    assert_eq!(in_flight(), Some(1));
    drop(dropped);
    assert_eq!((in_flight(), outcomes(&SITE)), (Some(0), [1, 0, 0, 1]));
}

#[test]
fn the_gauge_never_shows_more_ends_than_starts() {
    static SITE: CallSite = CallSite::function("function=\"handed_over\"", 1).in_flight();
    const CALLS: u64 = 50_000;
    let (sender, receiver) = channel();
    std::thread::scope(|scope| {
        scope.spawn(move || (0..CALLS).for_each(|_| sender.send(SITE.start()).expect("a receiver")));
        let ending = scope.spawn(|| receiver.into_iter().for_each(|call: Call| call.finish(Outcome::Ok)));
        while !ending.is_finished() {
            let in_flight = stats(&SITE).in_flight().expect("it has a gauge");
            assert!(in_flight <= CALLS, "{in_flight}");
        }
    });
    assert_eq!((stats(&SITE).in_flight(), outcomes(&SITE)), (Some(0), [CALLS, 0, 0, 0]));
}

#[test]
fn only_those_who_ask_have_a_gauge() {
    static SITE: CallSite = CallSite::function("function=\"without_gauge\"", 1);
    SITE.start().finish(Outcome::Ok);
    assert_eq!(stats(&SITE).in_flight(), None);
}

#[test]
fn a_sampled_function_counts_all_calls_and_times_one_in_n() {
    static SITE: CallSite = CallSite::function("function=\"sampled\"", 1).sample(4);
    for call in 0..10 {
        let judged = |_: &()| if call % 2 == 0 { Outcome::Ok } else { Outcome::Error };
        SITE.start().measure(|| ()).judged(judged);
    }
    drop(SITE.start());
    let stats = stats(&SITE);
    assert_eq!((stats.count(), stats.timed()), (11, 3), "calls 1, 5 and 9 are timed");
    assert_eq!(outcomes(&SITE), [5, 5, 0, 1]);
}

#[test]
fn a_call_that_is_not_timed_reads_no_clock() {
    static SITE: CallSite = CallSite::function("function=\"sampled_start\"", 1).sample(3);
    let started = (0..6).map(|_| {
        let call = SITE.start();
        let is_timed = call.is_timed();
        assert_eq!(now(call.started) == UNTIMED, !is_timed);
        call.finish(Outcome::Ok);
        is_timed
    });
    assert_eq!(started.collect::<Vec<_>>(), [true, false, false, true, false, false]);
}

#[test]
fn threads_that_follow_each_other_are_sampled_as_one() {
    static SITE: CallSite = CallSite::function("function=\"sampled_on_threads\"", 1).sample(1_000);
    for _ in 0..200 {
        let thread = std::thread::spawn(|| (0..2).for_each(|_| SITE.start().finish(Outcome::Ok)));
        thread.join().expect("the thread ends well");
    }
    let stats = stats(&SITE);
    assert_eq!((stats.count(), stats.timed()), (400, 1));
}

#[test]
fn one_in_one_is_every_call() {
    static SITE: CallSite = CallSite::function("function=\"sampled_in_full\"", 1).sample(1).in_flight();
    (0..5).for_each(|_| SITE.start().finish(Outcome::Ok));
    assert_eq!(stats(&SITE).timed(), 5);
}

#[test]
fn a_future_is_sampled_at_its_first_poll() {
    static SITE: CallSite = CallSite::future("function=\"sampled_future\"", 1).sample(2).in_flight();
    drop(measured(&SITE, pending(0), ok));
    for _ in 0..2 {
        let mut future = pin!(measured(&SITE, pending(1), ok));
        assert!(poll(future.as_mut()).is_pending());
        assert_eq!(stats(&SITE).in_flight(), Some(1));
        assert!(poll(future.as_mut()).is_ready());
    }
    {
        let mut panicking = pin!(measured(&SITE, async { resume_unwind(Box::new(())) }, ok::<()>));
        assert!(catch_unwind(AssertUnwindSafe(|| poll(panicking.as_mut()))).is_err());
        let mut cancelled = pin!(measured(&SITE, pending(1), ok));
        assert!(poll(cancelled.as_mut()).is_pending());
    }
    let stats = stats(&SITE);
    assert_eq!((stats.count(), stats.timed(), stats.in_flight()), (4, 2, Some(0)));
    assert_eq!(outcomes(&SITE), [2, 0, 1, 1]);
}

#[test]
fn a_future_is_never_busy_for_longer_than_it_took() {
    static SITE: CallSite = CallSite::future("function=\"busy_within_wall\"", 1);
    for _ in 0..200 {
        let mut future = pin!(measured(&SITE, pending(3), ok));
        while poll(future.as_mut()).is_pending() {}
    }
    {
        let mut panicking = pin!(measured(&SITE, async { resume_unwind(Box::new(())) }, ok::<()>));
        assert!(catch_unwind(AssertUnwindSafe(|| poll(panicking.as_mut()))).is_err());
    }
    let stats = stats(&SITE);
    assert!(stats.busy().is_some_and(|busy| busy > Duration::ZERO && busy <= stats.sum()), "{stats:?}");
}

#[test]
fn a_future_that_is_ready_at_once_was_busy_all_the_time() {
    static SITE: CallSite = CallSite::future("function=\"ready_at_once\"", 1);
    assert!(poll(pin!(measured(&SITE, pending(0), ok))).is_ready());
    let stats = stats(&SITE);
    assert_eq!(stats.busy(), Some(stats.sum()), "its end was read once");
}

#[test]
fn a_judge_that_panics_ends_the_call_by_a_panic() {
    static SITE: CallSite = CallSite::function("function=\"judge_panics\"", 1);
    static ASYNC: CallSite = CallSite::future("function=\"async_judge_panics\"", 1);
    fn judge(_: &()) -> Outcome {
        resume_unwind(Box::new(()))
    }
    assert!(catch_unwind(|| SITE.start().measure(|| ()).judged(judge)).is_err());
    assert_eq!(outcomes(&SITE), [0, 0, 1, 0]);
    {
        let mut future = pin!(measured(&ASYNC, pending(0), judge));
        assert!(catch_unwind(AssertUnwindSafe(|| poll(future.as_mut()))).is_err());
    }
    assert_eq!(outcomes(&ASYNC), [0, 0, 1, 0]);
}

#[test]
fn to_judge_takes_none_of_the_calls_time() {
    static SITE: CallSite = CallSite::future("function=\"judged\"", 1);
    let before = clock::ticks();
    let judged = Cell::new(0);
    let judge = |_: &()| {
        judged.set(clock::ticks());
        while clock::ticks() < judged.get() + 1_000 {}
        Outcome::Ok
    };
    SITE.start().measure(|| ()).judged(judge);
    assert!(stats(&SITE).sum() <= clock::duration(judged.get() - before));
    let (earlier, before) = (stats(&SITE), clock::ticks());
    assert!(poll(pin!(measured(&SITE, pending(0), judge))).is_ready());
    assert!(stats(&SITE).since(&earlier).sum() <= clock::duration(judged.get() - before));
}

#[test]
fn a_sampled_call_collects_fields_only_where_it_is_timed() {
    static SITE: CallSite = CallSite::function("function=\"sampled_fields\"", 1).sample(2);
    let collected = Collected::default();
    SITE.arm(Duration::ZERO);
    let evaluated = [true, false].map(|is_timed| {
        let _lent = collected.lend(&SITE, is_timed);
        let mut evaluated = false;
        record(|| {
            evaluated = true;
            []
        });
        evaluated
    });
    assert_eq!(evaluated, [true, false]);
}
