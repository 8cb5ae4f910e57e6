//! Functions of crates of older editions, where generated code must keep to the rules that the function was written by.

use std::cell::RefCell;
use std::rc::Rc;

macro_rules! edition {
    ($edition:ident) => {
        mod $edition {
            use super::log;
            use ::$edition as edition;

            macro_rules! label {
                ($name:ident) => {
                    concat!(stringify!($edition), "::", stringify!($name))
                };
            }

            shape!(sync function => [sync label!(function) => 1 x Error], {
                assert!(edition::function("x").is_err());
            });
            shape!(send async_elided => [send label!(async_elided) => 1 x Ok], {
                assert_eq!(edition::async_elided("a", &mut vec![]).await, 2);
            });
            shape!(send async_elided_result => [send label!(async_elided_result) => 1 x Error], {
                assert_eq!(edition::async_elided_result("", Box::new(1)).await, Err(1));
            });
            shape!(sync impl_iterator => [sync label!(impl_iterator) => 1 x Ok], {
                assert!(edition::impl_iterator(&[1, 2]).eq(&[2, 1]));
            });
            shape!(sync captures_no_lifetime => [sync label!(impl_that_captures_no_lifetime) => 1 x Ok], {
                let length = edition::impl_that_captures_no_lifetime(&String::from("ab"));
                assert_eq!(length.to_string(), "2");
            });
            shape!(send future_captures_no_lifetime => [send label!(impl_future_that_captures_no_lifetime) => 1 x Ok], {
                let future = edition::impl_future_that_captures_no_lifetime(&String::from("ab"));
                assert_eq!(future.await, 2);
            });
            shape!(send boxed_future => [send label!(boxed_future) => 1 x Error], { assert_eq!(edition::boxed_future("a").await, Err(1)) });
            shape!(sync unsafe_throughout => [sync label!(unsafe_throughout) => 1 x Ok], {
                // SAFETY: a reference is a good pointer.
                assert_eq!(unsafe { edition::unsafe_throughout(&1) }, 1);
            });
            shape!(sync later_keyword => [sync label!(gen) => 1 x Ok], { assert_eq!(edition::r#gen(1, (0, 2)), 3) });
            shape!(send async_later_keyword => [send label!(async_gen) => 1 x Ok], {
                assert_eq!(edition::async_gen("a".into(), (0, 2)).await, 3);
            });
            shape!(sync tracked => [sync label!(tracked) => 2 x Ok], {
                assert_eq!(edition::tracked(None), None);
                assert_eq!(edition::tracked(Some(1)), Some(line!()));
            });
            shape!(send for_ever => [send label!(for_ever) => 1 x Panic], {
                assert_eq!(driver::panic_of_future(async { edition::for_ever().await }).await, "on purpose");
            });
            shape!(send async_reborrow => [send label!(async_reborrow) => 1 x Ok], {
                let mut store = edition::Store(vec![]);
                *store.async_reborrow(&1).await += 1;
                assert_eq!(store.0, [2]);
            });
            shape!(sync whole_impl => [sync concat!(stringify!($edition), "::Store::whole_impl") => 1 x Ok], {
                assert_eq!(edition::Store(vec![1]).whole_impl(), Some(&1));
            });
            shape!(sync tail_temporaries => [sync label!(tail_temporaries) => 1 x Ok], {
                let (log, noisy) = log(edition::Noisy);
                edition::tail_temporaries(noisy("held"), noisy("other"));
                let annotated = log.take();
                edition::tail_temporaries_plainly(noisy("held"), noisy("other"));
                assert_eq!(annotated, log.take());
            });
            shape!(local async_tail_temporaries => [local label!(async_tail_temporaries) => 1 x Ok], {
                let (log, noisy) = log(edition::Noisy);
                edition::async_tail_temporaries(noisy("held"), noisy("other")).await;
                let annotated = log.take();
                edition::async_tail_temporaries_plainly(noisy("held"), noisy("other")).await;
                assert_eq!(annotated, log.take());
            });
            shape!(sync tail_borrow => [sync label!(tail_borrow) => 1 x Ok], {
                assert_eq!(edition::tail_borrow(Default::default()), Some(1));
            });
            shape!(local async_tail_borrow => [local label!(async_tail_borrow) => 1 x Ok], {
                assert_eq!(edition::async_tail_borrow(Default::default(), Default::default()).await, None);
            });
            shape!(sync if_let_temporaries => [sync label!(if_let_temporaries) => 1 x Ok], {
                let (log, noisy) = log(edition::Noisy);
                edition::if_let_temporaries(noisy("held"));
                let annotated = log.take();
                edition::if_let_temporaries_plainly(noisy("held"));
                assert_eq!(annotated, log.take());
            });
            shape!(sync moves_a_part => [sync label!(moves_a_part) => 1 x Ok], {
                let (log, noisy) = log(edition::Noisy);
                drop(edition::moves_a_part((noisy("first"), noisy("second")), noisy("last")));
                let annotated = log.take();
                drop(edition::moves_a_part_plainly((noisy("first"), noisy("second")), noisy("last")));
                assert_eq!(annotated, log.take());
            });
            shape!(local async_moves_a_part => [local label!(async_moves_a_part) => 1 x Ok], {
                let (log, noisy) = log(edition::Noisy);
                drop(edition::async_moves_a_part((noisy("first"), noisy("second")), noisy("last")).await);
                let annotated = log.take();
                drop(edition::async_moves_a_part_plainly((noisy("first"), noisy("second")), noisy("last")).await);
                assert_eq!(annotated, log.take());
            });
            shape!(sync closure_captures => [sync label!(closure_captures) => 1 x Ok], {
                let (log, noisy) = log(edition::Noisy);
                edition::closure_captures((noisy("first"), noisy("second")));
                let annotated = log.take();
                edition::closure_captures_plainly((noisy("first"), noisy("second")));
                assert_eq!(annotated, log.take());
            });
            shape!(sync size_of_an_item => [sync label!(size_of_an_item) => 1 x Ok], {
                assert_eq!(edition::size_of_an_item([1, 2]), edition::size_of_an_item_plainly([1, 2]));
            });
        }
    };
}

type Log = Rc<RefCell<Vec<&'static str>>>;

/// A log, and what makes values that say in it when they go.
fn log<T>(noisy: fn(Log, &'static str) -> T) -> (Log, impl Fn(&'static str) -> T) {
    let log = Log::default();
    (Rc::clone(&log), move |name| noisy(Rc::clone(&log), name))
}

edition!(edition_2018);
edition!(edition_2021);
