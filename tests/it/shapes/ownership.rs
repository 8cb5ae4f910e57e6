//! Who owns the arguments of a function, and when they go.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::{Mutex, MutexGuard};

use tachograph::timed;

use super::driver::{drop_after_polls, give_way, panic_of, panic_of_future, work, work_later};

/// What happened, in its order.
#[derive(Clone, Debug, Default)]
struct Log(Rc<RefCell<Vec<&'static str>>>);

impl Log {
    fn say(&self, what: &'static str) {
        self.0.borrow_mut().push(what);
    }

    fn noisy(&self, name: &'static str) -> Noisy {
        Noisy(self.clone(), name)
    }

    fn told(&self) -> Vec<&'static str> {
        self.0.take()
    }
}

/// Says when it goes.
#[derive(Debug)]
struct Noisy(Log, &'static str);

impl Drop for Noisy {
    fn drop(&mut self) {
        self.0.say(self.1);
    }
}

/// The same function annotated and plain: one source, so that they cannot differ.
macro_rules! twins {
    ($(#[$attribute:meta])* $annotated:ident, $plain:ident: $($function:tt)*) => {
        twins!(@each [$(#[$attribute])* #[timed]] $annotated [$($function)*]);
        twins!(@each [$(#[$attribute])*] $plain [$($function)*]);
    };
    (@each [$($attributes:tt)*] $name:ident [async ($($parameters:tt)*) $(-> $output:ty)? $body:block]) => {
        $($attributes)* async fn $name($($parameters)*) $(-> $output)? $body
    };
    (@each [$($attributes:tt)*] $name:ident [($($parameters:tt)*) $(-> $output:ty)? $body:block]) => {
        $($attributes)* fn $name($($parameters)*) $(-> $output)? $body
    };
}

twins!(moves, moves_plainly: (log: &Log, given: Noisy) {
    work();
    drop(given);
    log.say("body ends");
});
shape!(sync moves => Ok, {
    let log = Log::default();
    moves(&log, log.noisy("given"));
    let annotated = log.told();
    moves_plainly(&log, log.noisy("given"));
    assert_eq!(annotated, log.told());
    assert_eq!(annotated, ["given", "body ends"]);
});

twins!(moves_a_part, moves_a_part_plainly: (log: &Log, pair: (Noisy, Noisy)) -> Noisy {
    work();
    let first = pair.0;
    log.say("body ends");
    first
});
shape!(sync moves_a_part => Ok, {
    let log = Log::default();
    drop(moves_a_part(&log, (log.noisy("first"), log.noisy("second"))));
    let annotated = log.told();
    drop(moves_a_part_plainly(&log, (log.noisy("first"), log.noisy("second"))));
    assert_eq!(annotated, log.told());
    assert_eq!(annotated, ["body ends", "second", "first"]);
});

twins!(only_borrows, only_borrows_plainly: (log: &Log, given: Noisy) -> usize {
    work();
    let length = given.1.len();
    log.say("body ends");
    length
});
shape!(sync only_borrows => Ok, {
    let log = Log::default();
    only_borrows(&log, log.noisy("given"));
    let annotated = log.told();
    only_borrows_plainly(&log, log.noisy("given"));
    assert_eq!(annotated, log.told());
});

twins!(#[expect(unused_variables, reason = "held, not used")] drop_order, drop_order_plainly: (
    first: Noisy,
    _second: Noisy,
    _: Noisy,
    (fourth, _, _sixth): (Noisy, Noisy, Noisy),
    mut seventh: Noisy
) {
    work();
    let _local = first.0.noisy("local");
    seventh.1 = "seventh, changed";
    first.0.say("body ends");
});
fn drop_order_of<T>(call: impl FnOnce(Noisy, Noisy, Noisy, (Noisy, Noisy, Noisy), Noisy) -> T) -> (Log, T) {
    let log = Log::default();
    let [a, b, c, d, e, f, g] = ["1", "2", "3", "4", "5", "6", "7"].map(|name| log.noisy(name));
    (log, call(a, b, c, (d, e, f), g))
}
shape!(sync drop_order => Ok, {
    assert_eq!(drop_order_of(drop_order).0.told(), drop_order_of(drop_order_plainly).0.told());
});

twins!(#[allow(unused_variables)] drop_order_of_a_panic, drop_order_of_a_panic_plainly: (log: &Log, one: Noisy, two: Noisy) {
    work();
    let moved = two;
    let _local = log.noisy("local");
    panic!("on purpose")
});
shape!(sync drop_order_of_a_panic => Panic, {
    let log = Log::default();
    panic_of(|| drop_order_of_a_panic(&log, log.noisy("one"), log.noisy("two")));
    let annotated = log.told();
    panic_of(|| drop_order_of_a_panic_plainly(&log, log.noisy("one"), log.noisy("two")));
    assert_eq!(annotated, log.told());
});

twins!(drop_order_of_an_early_return, drop_order_of_an_early_return_plainly: (one: Noisy, two: Option<Noisy>) -> Option<()> {
    work();
    let _local = one.0.noisy("local");
    let _taken = two?;
    one.0.say("body ends");
    Some(())
});
shape!(sync drop_order_of_an_early_return => 2 x Ok, {
    let log = Log::default();
    for two in [true, false] {
        let two = || two.then(|| log.noisy("two"));
        drop_order_of_an_early_return(log.noisy("one"), two());
        let annotated = log.told();
        drop_order_of_an_early_return_plainly(log.noisy("one"), two());
        assert_eq!(annotated, log.told());
    }
});

twins!(temporaries_of_the_tail, temporaries_of_the_tail_plainly: (log: &Log, _held: Noisy) -> usize {
    work();
    let _local = log.noisy("local");
    log.noisy("temporary").1.len()
});
shape!(sync temporaries_of_the_tail => Ok, {
    let log = Log::default();
    temporaries_of_the_tail(&log, log.noisy("held"));
    let annotated = log.told();
    temporaries_of_the_tail_plainly(&log, log.noisy("held"));
    assert_eq!(annotated, log.told());
});

#[timed]
fn guard_given_back<'a>(mut guard: MutexGuard<'a, u8>) -> MutexGuard<'a, u8> {
    work();
    *guard += 1;
    guard
}
shape!(sync guard_given_back => Ok, {
    let number = Mutex::new(1);
    let guard = guard_given_back(number.lock().unwrap());
    assert!(number.try_lock().is_err());
    assert_eq!(*guard, 2);
});

#[timed]
fn guard_held<'a>(_guard: MutexGuard<'a, u8>, number: &Mutex<u8>) -> bool {
    work();
    number.try_lock().is_err()
}
shape!(sync guard_held => Ok, {
    let number = Mutex::new(1);
    assert!(guard_held(number.lock().unwrap(), &number));
    assert!(number.try_lock().is_ok());
});

twins!(async_drop_order, async_drop_order_plainly: async (first: Noisy, second: Noisy, third: Noisy) {
    work_later().await;
    let _local = first.0.noisy("local");
    second.0.say(third.1);
    give_way().await;
    first.0.say("body ends");
});
shape!(local async_drop_order => Ok, {
    let log = Log::default();
    async_drop_order(log.noisy("first"), log.noisy("second"), log.noisy("third")).await;
    let annotated = log.told();
    async_drop_order_plainly(log.noisy("first"), log.noisy("second"), log.noisy("third")).await;
    assert_eq!(annotated, log.told());
});

twins!(#[expect(unused_variables, reason = "held, not used")] async_drop_order_of_held, async_drop_order_of_held_plainly: async (
    first: Noisy,
    _second: Noisy,
    _: Noisy,
    (fourth, _, _sixth): (Noisy, Noisy, Noisy),
    mut seventh: Noisy
) {
    work_later().await;
    let _local = first.0.noisy("local");
    seventh.1 = "seventh, changed";
    give_way().await;
    first.0.say("body ends");
});
shape!(local async_drop_order_of_held => Ok, {
    let (annotated, future) = drop_order_of(async_drop_order_of_held);
    future.await;
    let (plain, future) = drop_order_of(async_drop_order_of_held_plainly);
    future.await;
    assert_eq!(annotated.told(), plain.told());
});

twins!(async_moves_a_part, async_moves_a_part_plainly: async (log: &Log, pair: (Noisy, Noisy), held: Noisy) -> Noisy {
    work_later().await;
    let first = pair.0;
    give_way().await;
    log.say(held.1);
    first
});
shape!(local async_moves_a_part => Ok, {
    let log = Log::default();
    drop(async_moves_a_part(&log, (log.noisy("first"), log.noisy("second")), log.noisy("held")).await);
    let annotated = log.told();
    drop(async_moves_a_part_plainly(&log, (log.noisy("first"), log.noisy("second")), log.noisy("held")).await);
    assert_eq!(annotated, log.told());
});

twins!(#[expect(unused_variables, reason = "held, not used")] async_drop_order_of_a_cancellation, async_drop_order_of_a_cancellation_plainly: async (
    first: Noisy,
    _second: Noisy,
    third: Noisy
) {
    let _local = first.0.noisy("local");
    std::future::pending::<()>().await;
});
shape!(local async_drop_order_of_a_cancellation => Cancelled, {
    let log = Log::default();
    let three = || ["first", "second", "third"].map(|name| log.noisy(name));
    let [first, second, third] = three();
    drop_after_polls(1, async_drop_order_of_a_cancellation(first, second, third)).await;
    let annotated = log.told();
    let [first, second, third] = three();
    drop_after_polls(1, async_drop_order_of_a_cancellation_plainly(first, second, third)).await;
    assert_eq!(annotated, log.told());
});

twins!(#[expect(unused_variables, reason = "held, not used")] async_drop_order_of_the_never_polled, async_drop_order_of_the_never_polled_plainly: async (
    first: Noisy,
    _second: Noisy,
    (third, _): (Noisy, Noisy)
) {
    work_later().await;
});
shape!(local async_drop_order_of_the_never_polled => 0 x Ok, {
    let log = Log::default();
    let four = || ["first", "second", "third", "fourth"].map(|name| log.noisy(name));
    let [first, second, third, fourth] = four();
    drop(async_drop_order_of_the_never_polled(first, second, (third, fourth)));
    let annotated = log.told();
    let [first, second, third, fourth] = four();
    drop(async_drop_order_of_the_never_polled_plainly(first, second, (third, fourth)));
    assert_eq!(annotated, log.told());
});

twins!(async_drop_order_of_a_panic, async_drop_order_of_a_panic_plainly: async (first: Noisy, second: Noisy) {
    work_later().await;
    let _local = second.0.noisy("local");
    first.0.say("panics");
    panic!("on purpose")
});
shape!(local async_drop_order_of_a_panic => Panic, {
    let log = Log::default();
    panic_of_future(async_drop_order_of_a_panic(log.noisy("first"), log.noisy("second"))).await;
    let annotated = log.told();
    panic_of_future(async_drop_order_of_a_panic_plainly(log.noisy("first"), log.noisy("second"))).await;
    assert_eq!(annotated, log.told());
});

struct Owner(#[expect(dead_code, reason = "held, not used")] Noisy);

impl Owner {
    #[timed]
    async fn async_method_that_owns(self, other: Noisy) {
        work_later().await;
        other.0.say("body ends");
    }

    async fn plainly(self, other: Noisy) {
        work_later().await;
        other.0.say("body ends");
    }
}
shape!(local async_method_that_owns => Ok, {
    let log = Log::default();
    Owner(log.noisy("self")).async_method_that_owns(log.noisy("other")).await;
    let annotated = log.told();
    Owner(log.noisy("self")).plainly(log.noisy("other")).await;
    assert_eq!(annotated, log.told());
});

#[timed]
async fn async_permit_only_held(_permit: Rc<()>, holders: &std::rc::Weak<()>) -> usize {
    work_later().await;
    holders.strong_count()
}
shape!(local async_permit_only_held => Ok, {
    let permit = Rc::new(());
    let holders = Rc::downgrade(&permit);
    assert_eq!(async_permit_only_held(permit, &holders).await, 1);
    assert_eq!(holders.strong_count(), 0);
});

type Permit = Rc<()>;

#[timed]
async fn async_permit_behind_a_wildcard(_: Permit, holders: &std::rc::Weak<()>) -> usize {
    work_later().await;
    holders.strong_count()
}
shape!(local async_permit_behind_a_wildcard => Ok, {
    let permit = Rc::new(());
    let holders = Rc::downgrade(&permit);
    assert_eq!(async_permit_behind_a_wildcard(permit, &holders).await, 1);
});

#[timed]
async fn async_generic_permit<P>(_permit: P, holders: &std::rc::Weak<()>) -> usize {
    work_later().await;
    holders.strong_count()
}
shape!(local async_generic_permit => Ok, {
    let permit = Rc::new(());
    let holders = Rc::downgrade(&permit);
    assert_eq!(async_generic_permit(permit, &holders).await, 1);
});
