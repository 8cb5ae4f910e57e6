//! Which calls keep a service level, which break it, and which say nothing of it.

use std::future::{Future, pending};
use std::panic::catch_unwind;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::thread::{scope, sleep};
use std::time::Duration;

use futures_core::Stream;
use futures_util::{StreamExt, stream};
use tachograph::{Outcome, ServiceLevel, functions, timed};

use crate::it::telemetry::telemetry;

/// Longer than any call here takes that is not to be late, however busy the machine is.
const HOUR: Duration = Duration::from_secs(3600);
const MOMENT: Duration = Duration::from_millis(3);

/// All service levels of a function; one with run-time labels has several.
fn service_levels(function: &str) -> Vec<ServiceLevel> {
    let all = functions().into_iter().filter(|stats| stats.function() == function);
    all.filter(|stats| stats.module() == module_path!()).filter_map(|stats| stats.slo()).collect()
}

/// The good and the bad events of a function.
fn events(function: &str) -> (u64, u64) {
    let levels = service_levels(function);
    assert!(!levels.is_empty(), "`{function}` promises nothing");
    (levels.iter().map(ServiceLevel::good).sum(), levels.iter().map(ServiceLevel::bad).sum())
}

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// Polls twice what waits once.
async fn waits(moment: Duration) {
    let mut waited = false;
    std::future::poll_fn(
        |_| {
            if std::mem::replace(&mut waited, true) { Poll::Ready(()) } else { Poll::Pending }
        },
    )
    .await;
    sleep(moment);
}

fn finish<F: Future>(future: F) -> F::Output {
    let mut future = Box::pin(future);
    loop {
        if let Poll::Ready(output) = poll(future.as_mut()) {
            return output;
        }
    }
}

#[test]
fn a_call_is_good_that_ended_well_in_time() {
    #[timed(slo(latency = "60m", objective = 99.9))]
    fn in_time(fine: bool) -> Result<(), &'static str> {
        if fine { Ok(()) } else { Err("not fine") }
    }
    #[timed(slo(latency = "1ms", objective = 99.9))]
    fn late(fine: bool) -> Result<(), &'static str> {
        sleep(MOMENT);
        if fine { Ok(()) } else { Err("not fine") }
    }
    assert_eq!((events("in_time"), events("late")), ((0, 0), (0, 0)), "known before the first call");
    for fine in [true, true, false] {
        assert_eq!((in_time(fine).is_ok(), late(fine).is_ok()), (fine, fine));
    }
    assert_eq!((events("in_time"), events("late")), ((2, 1), (0, 3)));
}

#[test]
fn without_a_latency_the_outcome_decides_alone() {
    #[timed(sample = 8, slo(objective = 95))]
    fn untimed(fine: bool) -> Option<()> {
        sleep(Duration::from_micros(10));
        assert!(fine, "not fine");
        None
    }
    (0..20).for_each(|_| assert_eq!(untimed(true), None));
    catch_unwind(|| untimed(false)).unwrap_err();
    assert_eq!(events("untimed"), (20, 1));
    let [level] = service_levels("untimed")[..] else { panic!("one series") };
    assert_eq!((level.name(), level.objective(), level.latency()), ("untimed", 0.95, None));
}

#[test]
fn who_gives_up_before_the_time_is_over_says_nothing_and_who_does_so_later_was_promised_more() {
    #[timed(slo(latency = "60m", objective = 99))]
    async fn left_early() {
        pending().await
    }
    #[timed(slo(latency = "1ms", objective = 99))]
    async fn left_late() {
        pending().await
    }
    #[timed(slo(objective = 99))]
    async fn left() {
        pending().await
    }
    let (mut early, mut late, mut any) = (Box::pin(left_early()), Box::pin(left_late()), Box::pin(left()));
    assert!(poll(early.as_mut()).is_pending() && poll(late.as_mut()).is_pending());
    assert!(poll(any.as_mut()).is_pending());
    sleep(MOMENT);
    drop((early, late, any));
    assert_eq!([events("left_early"), events("left_late"), events("left")], [(0, 0), (0, 1), (0, 0)]);
}

#[test]
fn futures_and_streams_are_judged_by_their_wall_time() {
    #[timed(slo(latency = "1ms", objective = 99))]
    async fn waits_long() {
        waits(MOMENT).await
    }
    #[timed(slo(latency = "60m", objective = 99))]
    fn boxed_promise<'a>(fine: bool) -> Pin<Box<dyn Future<Output = Result<(), String>> + 'a>> {
        Box::pin(async move {
            waits(Duration::ZERO).await;
            fine.then_some(()).ok_or_else(|| "not fine".to_owned())
        })
    }
    #[timed(slo(latency = "60m", objective = 99))]
    async fn breaks_later() {
        waits(Duration::ZERO).await;
        panic!("on purpose")
    }
    #[timed(slo(latency = "1ms", objective = 99))]
    fn streamed() -> impl Stream<Item = u8> {
        stream::iter([1, 2])
    }
    finish(waits_long());
    assert!(finish(boxed_promise(true)).is_ok() && finish(boxed_promise(false)).is_err());
    catch_unwind(|| finish(breaks_later())).unwrap_err();
    let mut streamed = Box::pin(streamed());
    finish(async {
        while streamed.next().await.is_some() {
            sleep(MOMENT)
        }
    });
    let seen = ["waits_long", "boxed_promise", "breaks_later", "streamed"].map(events);
    assert_eq!(seen, [(0, 1), (1, 1), (0, 1), (0, 1)]);
}

#[test]
fn each_call_of_each_thread_is_one_event() {
    const THREADS: u64 = 4;
    const CALLS: u64 = 20_011;

    #[timed(slo(latency = "60m", objective = 99.9))]
    fn on_threads(call: u64) -> Result<(), u64> {
        if call.is_multiple_of(3) { Err(call) } else { Ok(()) }
    }
    scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| (0..CALLS).filter(|&call| on_threads(call).is_err()).count());
        }
    });
    let bad = THREADS * CALLS.div_ceil(3);
    assert_eq!(events("on_threads"), (THREADS * CALLS - bad, bad));
}

#[test]
fn all_values_of_a_label_are_one_service_level() {
    #[timed(labels(kind = kind), slo(name = "any kind", latency = "60m", objective = 99.9))]
    fn of_a_kind(kind: &str) -> Result<(), String> {
        if kind == "bad" { Err(kind.to_owned()) } else { Ok(()) }
    }
    let shown = || {
        let page = telemetry().render();
        let lines = page.lines().filter(|line| line.contains("slo=\"any kind\""));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let labels = "slo=\"any kind\",function=\"of_a_kind\",module=\"tests::it::service_levels\",component=\"application\"";
    let expected = |good: u64, bad: u64| {
        [
            format!("slo_events_total{{{labels},result=\"good\"}} {good}"),
            format!("slo_events_total{{{labels},result=\"bad\"}} {bad}"),
            format!("slo_latency_threshold_seconds{{{labels}}} 3600"),
            format!("slo_objective_ratio{{{labels}}} 0.999"),
        ]
    };
    assert_eq!(shown(), expected(0, 0), "there before any value is");
    for kind in ["one", "two", "bad", "one"] {
        assert_eq!(of_a_kind(kind).is_err(), kind == "bad");
    }
    assert_eq!(shown(), expected(3, 1));
}

#[test]
fn functions_of_one_name_in_one_module_have_the_strictest_service_level() {
    struct Cart;
    struct Order;
    impl Cart {
        #[timed(slo(objective = 90))]
        fn placed() {}
    }
    impl Order {
        #[timed(slo(latency = "60m", objective = 99.9))]
        fn placed() {}
    }
    #[timed(name = "placed")]
    fn without() {}

    Cart::placed();
    Order::placed();
    without();
    let [level] = service_levels("placed")[..] else { panic!("one series") };
    assert_eq!((level.objective(), level.latency(), level.good()), (0.999, Some(HOUR), 3));
}

#[test]
fn a_function_without_a_service_level_has_none() {
    #[timed]
    fn promises_nothing() {}

    promises_nothing();
    assert!(service_levels("promises_nothing").is_empty());
}

#[test]
fn methods_are_called_as_they_are_labelled() {
    struct Shop;
    #[timed]
    impl Shop {
        #[timed(slo(objective = 99.95))]
        fn sell(&self) -> Result<(), ()> {
            Err(())
        }
    }
    Shop.sell().unwrap_err();
    let level = functions().into_iter().find(|stats| stats.function() == "Shop::sell").and_then(|stats| {
        assert_eq!(stats.calls(Outcome::Error), 1);
        stats.slo()
    });
    let level = level.expect("it promises something");
    assert_eq!((level.name(), level.objective(), level.bad()), ("Shop::sell", 0.9995, 1));
}
