//! Each call counts once, with the right outcome, whatever the function looks like.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tachograph::{FunctionStats, Outcome, functions, timed, timed_block};

/// The calls of the function that carries this name: ok, error, panic, cancelled.
fn calls(name: &str) -> [u64; 4] {
    let stats = stats(name);
    Outcome::ALL.map(|outcome| stats.calls(outcome))
}

fn stats(name: &str) -> FunctionStats {
    let mut found = functions().into_iter().filter(|function| function.function() == name);
    let stats = found.next().unwrap_or_else(|| panic!("no function `{name}`"));
    assert!(found.next().is_none(), "`{name}` stands twice");
    stats
}

/// Polls until the future is ready; nothing here waits for anything outside.
fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = Box::pin(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return output;
        }
    }
}

async fn yields() {
    let mut yielded = false;
    std::future::poll_fn(
        |_| if std::mem::replace(&mut yielded, true) { Poll::Ready(()) } else { Poll::Pending },
    )
    .await
}

#[test]
fn an_annotated_function_is_known_before_its_first_call() {
    #[timed(name = "never_called", component = "quiet")]
    #[expect(dead_code, reason = "that is the test")]
    fn never_called() {}

    let stats = stats("never_called");
    assert_eq!((stats.component(), stats.module()), ("quiet", "tests::it::attributes"));
    assert_eq!(calls("never_called"), [0; 4]);
}

#[test]
fn a_result_decides_between_ok_and_error_through_aliases_early_returns_and_question_marks() {
    type Aliased = std::io::Result<u8>;

    #[timed]
    fn judged(text: &str) -> Aliased {
        if text == "early" {
            return Err(std::io::ErrorKind::Other.into());
        }
        let number: u8 = text.parse().map_err(std::io::Error::other)?;
        Ok(number)
    }

    assert_eq!(judged("7").unwrap(), 7);
    judged("early").unwrap_err();
    judged("x").unwrap_err();
    assert_eq!(calls("judged"), [1, 2, 0, 0]);
}

#[test]
fn none_is_an_answer_not_an_error() {
    #[timed]
    fn find(numbers: &[u8]) -> Option<&u8> {
        numbers.first()
    }

    assert_eq!(find(&[]), None);
    assert_eq!(calls("find"), [1, 0, 0, 0]);
}

#[test]
fn a_panic_is_counted_and_goes_on() {
    #[timed]
    fn panics_on_purpose() -> ! {
        panic!("on purpose")
    }

    #[timed]
    async fn panics_later() -> u8 {
        yields().await;
        panic!("on purpose")
    }

    let payload =
        catch_unwind(|| panics_on_purpose()).map(|never: std::convert::Infallible| never).unwrap_err();
    assert_eq!(payload.downcast_ref::<&str>(), Some(&"on purpose"));
    assert_eq!(calls("panics_on_purpose"), [0, 0, 1, 0]);

    catch_unwind(|| block_on(panics_later())).unwrap_err();
    assert_eq!(calls("panics_later"), [0, 0, 1, 0]);
}

#[test]
fn a_dropped_future_is_cancelled_once_it_has_begun() {
    #[timed]
    async fn waits() {
        std::future::pending().await
    }

    drop(waits());
    assert_eq!(calls("waits"), [0; 4], "a future that was never polled was never called");

    let mut begun = Box::pin(waits());
    assert!(begun.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    assert_eq!(calls("waits"), [0; 4]);
    drop(begun);
    assert_eq!(calls("waits"), [0, 0, 0, 1]);
}

#[test]
fn a_future_that_panicked_and_is_dropped_counts_once() {
    #[timed]
    async fn panics_in_poll() {
        panic!("on purpose")
    }

    let mut future = Box::pin(panics_in_poll());
    let poll = || future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    catch_unwind(AssertUnwindSafe(poll)).unwrap_err();
    drop(future);
    assert_eq!(calls("panics_in_poll"), [0, 0, 1, 0]);
}

#[test]
fn wall_time_and_busy_time_are_told_apart() {
    #[timed]
    async fn sleeps_and_works() {
        let until = std::time::Instant::now() + Duration::from_millis(30);
        std::future::poll_fn(
            |_| if std::time::Instant::now() < until { Poll::Pending } else { Poll::Ready(()) },
        )
        .await;
        std::thread::sleep(Duration::from_millis(10));
    }

    let mut future = Box::pin(sleeps_and_works());
    while future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending() {
        std::thread::sleep(Duration::from_millis(5));
    }
    let stats = stats("sleeps_and_works");
    let (wall, busy) = (stats.sum(), stats.busy().unwrap());
    assert!(wall >= Duration::from_millis(40), "{wall:?}");
    assert!(
        busy >= Duration::from_millis(10) && busy + Duration::from_millis(20) <= wall,
        "{busy:?} of {wall:?}"
    );
}

#[test]
fn functions_that_give_futures_are_timed_to_the_futures_end() {
    #[timed]
    #[expect(clippy::manual_async_fn, reason = "the shape that is measured")]
    fn given(number: &u8) -> impl Future<Output = Result<u8, ()>> + use<'_> {
        async move {
            yields().await;
            Err(()).or(Ok(*number))
        }
    }

    #[timed]
    fn boxed<'a>(number: &'a u8) -> Pin<Box<dyn Future<Output = Result<u8, u8>> + Send + 'a>> {
        Box::pin(async move { Err(*number) })
    }

    assert_eq!(block_on(given(&1)), Ok(1));
    let future = given(&2);
    assert_eq!(calls("given"), [1, 0, 0, 0]);
    drop(future);
    assert_eq!(block_on(boxed(&3)), Err(3));
    assert_eq!(calls("boxed"), [0, 1, 0, 0]);
}

#[test]
fn generic_and_borrowing_methods_behave_as_before() {
    struct Store<T>(Vec<T>);

    impl<T: Clone + Default> Store<T> {
        #[timed]
        fn last_mut(&mut self) -> Option<&mut T> {
            self.0.last_mut()
        }

        #[timed]
        async fn grown<const BY: usize>(&mut self, filler: &T) -> &mut [T]
        where
            T: PartialEq,
        {
            self.0.resize(self.0.len() + BY, filler.clone());
            &mut self.0
        }

        #[timed]
        fn each(&self) -> impl Iterator<Item = &T> {
            self.0.iter()
        }

        #[timed]
        fn into_first(self) -> Result<T, Box<dyn std::error::Error>> {
            self.0.into_iter().next().ok_or_else(|| "empty".into())
        }
    }

    let mut store = Store(vec![1, 2]);
    *store.last_mut().unwrap() = 5;
    assert_eq!(block_on(store.grown::<2>(&9)), [1, 5, 9, 9]);
    assert_eq!(store.each().sum::<i32>(), 24);
    assert_eq!(store.into_first().unwrap(), 1);
    for name in ["last_mut", "grown", "each", "into_first"] {
        assert_eq!(calls(name), [1, 0, 0, 0], "{name}");
    }
}

#[test]
fn an_async_function_owns_its_arguments_until_it_ends() {
    struct Permit(std::rc::Rc<std::cell::RefCell<Vec<&'static str>>>, &'static str);
    impl Drop for Permit {
        fn drop(&mut self) {
            self.0.borrow_mut().push(self.1);
        }
    }

    #[timed(name = "holds")]
    async fn annotated(_unnamed: Permit, named: Permit, _: Permit, (_first, _): (Permit, Permit)) {
        yields().await;
        named.0.borrow_mut().push("body");
    }

    async fn plain(_unnamed: Permit, named: Permit, _: Permit, (_first, _): (Permit, Permit)) {
        yields().await;
        named.0.borrow_mut().push("body");
    }

    let seen = || {
        let seen = std::rc::Rc::<std::cell::RefCell<Vec<_>>>::default();
        (seen.clone(), move |name| Permit(seen.clone(), name))
    };
    let (of_plain, permit) = seen();
    block_on(plain(permit("a"), permit("b"), permit("c"), (permit("d"), permit("e"))));
    let (of_annotated, permit) = seen();
    block_on(annotated(permit("a"), permit("b"), permit("c"), (permit("d"), permit("e"))));
    assert_eq!(of_annotated.borrow()[0], "body");
    let sorted = |seen: &[&'static str]| {
        let mut seen = seen.to_vec();
        seen.sort_unstable();
        seen
    };
    assert_eq!(sorted(&of_annotated.borrow()), sorted(&of_plain.borrow()));
}

#[test]
fn a_block_is_measured_and_one_that_is_left_is_cancelled() {
    fn parse(text: &str) -> Result<u8, std::num::ParseIntError> {
        let number = timed_block!("parse \"block\"", component = "input", { text.parse::<u8>()? });
        Ok(number)
    }

    assert_eq!(parse("17"), Ok(17));
    parse("x").unwrap_err();
    assert_eq!(calls("parse \"block\""), [1, 0, 0, 1]);
}

#[test]
fn calls_of_many_threads_are_all_counted() {
    #[timed]
    fn counted() {}

    let call = || (0..10_000).for_each(|_| counted());
    std::thread::scope(|scope| (0..8).for_each(|_| drop(scope.spawn(call))));
    assert_eq!(calls("counted"), [80_000, 0, 0, 0]);
}

#[test]
fn a_crate_that_forbids_unsafe_code_can_be_annotated() {
    #[forbid(unsafe_code)]
    mod strict {
        #[tachograph::timed(name = "strict")]
        pub(super) fn annotated() {}
    }

    strict::annotated();
    assert_eq!(calls("strict"), [1, 0, 0, 0]);
}
