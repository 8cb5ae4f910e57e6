//! Functions with other attributes, above and below.

use std::panic::Location;

use tachograph::timed;

use super::driver::{line_of_panic, panic_of, work, work_later};

/// Says what it does.
///
/// ```
/// // An example that nobody runs.
/// ```
#[timed]
#[doc = "More."]
#[doc(hidden)]
fn documented(number: u8) -> u8 {
    work();
    number
}
shape!(sync documented => Ok, { assert_eq!(documented(1), 1) });

#[timed]
#[inline]
#[tachograph::timed]
fn annotated_twice(number: u8) -> u8 {
    work();
    number
}
shape!(sync annotated_twice => Ok, { assert_eq!(annotated_twice(1), 1) });

#[inline]
#[timed]
#[cold]
fn inlined(number: u8) -> u8 {
    work();
    number
}
shape!(sync inlined => Ok, { assert_eq!(inlined(1), 1) });

#[timed]
#[inline(always)]
fn always_inlined(number: u8) -> u8 {
    work();
    number
}
shape!(sync always_inlined => Ok, { assert_eq!(always_inlined(1), 1) });

#[timed]
#[must_use = "it took long enough"]
fn must_be_used(number: u8) -> u8 {
    work();
    number
}
shape!(sync must_be_used => Ok, { assert_eq!(must_be_used(1), 1) });

#[must_use = "it took long enough"]
#[timed]
async fn async_must_be_used(number: u8) -> u8 {
    work_later().await;
    number
}
shape!(send async_must_be_used => Ok, { assert_eq!(async_must_be_used(1).await, 1) });

#[deprecated(note = "use another")]
#[timed]
fn outdated(number: u8) -> u8 {
    work();
    number
}
shape!(sync outdated => Ok, {
    #[expect(deprecated, reason = "it still says so")]
    let number = outdated(1);
    assert_eq!(number, 1);
});

#[cfg_attr(all(), timed, inline)]
#[cfg_attr(any(), no_such_attribute)]
fn conditionally_annotated(number: u8) -> u8 {
    work();
    number
}
shape!(sync conditionally_annotated => Ok, { assert_eq!(conditionally_annotated(1), 1) });

#[timed]
#[cfg_attr(all(), allow(non_snake_case))]
#[cfg(test)]
fn conditionallyThere(number: u8) -> u8 {
    work();
    number
}
shape!(sync conditionally_there as "conditionallyThere" => Ok, { assert_eq!(conditionallyThere(1), 1) });

#[timed]
fn inner_attributes(unused: u8) -> u8 {
    #![allow(unused_variables)]
    #![expect(non_snake_case, reason = "to see that it reaches the body")]
    //! And a comment.
    work();
    let Odd = 1;
    Odd + 1
}
shape!(sync inner_attributes => Ok, { assert_eq!(inner_attributes(0), 2) });

#[timed]
async fn async_inner_attributes(unused: u8) -> u8 {
    #![allow(unused_variables)]
    work_later().await;
    let unused = 3;
    2
}
shape!(send async_inner_attributes => Ok, { assert_eq!(async_inner_attributes(0).await, 2) });

#[timed]
#[expect(clippy::ptr_arg, reason = "to see that it reaches the signature")]
fn lint_on_the_signature(numbers: &Vec<u8>) -> usize {
    work();
    numbers.len()
}
shape!(sync lint_on_the_signature => Ok, { assert_eq!(lint_on_the_signature(&vec![1]), 1) });

#[timed]
#[rustfmt::skip]
fn tool_attributes(a:u8,b:u8)->u8{work();a+b}
shape!(sync tool_attributes => Ok, { assert_eq!(tool_attributes(1, 2), 3) });

#[timed]
#[cfg_attr(target_arch = "x86_64", target_feature(enable = "sse2"))]
fn target_feature(number: u8) -> u8 {
    work();
    number
}
shape!(sync target_feature => Ok, {
    #[allow(unused_unsafe, reason = "it is safe where the feature is always there")]
    // SAFETY: every such processor has it.
    let number = unsafe { target_feature(1) };
    assert_eq!(number, 1);
});

#[timed]
#[track_caller]
fn tracked() -> &'static Location<'static> {
    work();
    Location::caller()
}
shape!(sync tracked => Ok, {
    let (found, here) = (tracked(), Location::caller());
    assert_eq!((found.file(), found.line()), (here.file(), here.line()));
});

#[track_caller]
#[timed]
fn tracked_from_above() -> &'static Location<'static> {
    work();
    Location::caller()
}
shape!(sync tracked_from_above => Ok, {
    let (found, here) = (tracked_from_above(), Location::caller());
    assert_eq!((found.file(), found.line()), (here.file(), here.line()));
});

#[timed]
#[track_caller]
fn tracked_unwrap(number: Option<u8>) -> u8 {
    work();
    number.unwrap()
}
shape!(sync tracked_unwrap => Panic, {
    let here = line!();
    assert_eq!(
        line_of_panic(|| {
            tracked_unwrap(None);
        }),
        here + 3
    );
});

#[timed]
#[track_caller]
fn tracked_result(number: u8) -> Result<&'static Location<'static>, u8> {
    work();
    let number = if number > 1 { Err(number) } else { Ok(number) }?;
    if number == 1 {
        return Err(1);
    }
    Ok(Location::caller())
}
shape!(sync tracked_question_mark as "tracked_result" => 2 x Error, {
    assert_eq!([1, 2].map(|number| tracked_result(number).unwrap_err()), [1, 2]);
});

#[timed]
#[track_caller]
fn tracked_early_return(early: bool) -> Option<&'static Location<'static>> {
    work();
    if early {
        return None;
    }
    Some(Location::caller())
}
shape!(sync tracked_early_return => 2 x Ok, {
    assert_eq!(tracked_early_return(true), None);
    let (found, here) = (tracked_early_return(false).unwrap(), line!());
    assert_eq!(found.line(), here);
});

#[timed]
#[track_caller]
fn tracked_without_result(seen: &mut u32) {
    work();
    *seen = Location::caller().line();
}
shape!(sync tracked_without_result => Ok, {
    let mut seen = 0;
    let here = line!() + 1;
    tracked_without_result(&mut seen);
    assert_eq!(seen, here);
});

#[timed]
#[track_caller]
fn tracked_impl_trait(count: u8) -> impl Iterator<Item = u32> {
    work();
    std::iter::repeat_n(Location::caller().line(), count.into())
}
shape!(sync tracked_impl_trait => Ok, {
    let here = line!() + 1;
    assert!(tracked_impl_trait(2).eq([here, here]));
});

/// Calls in its destructor, as the stack unwinds, a function that returns early.
struct CallsInDestructor;

impl Drop for CallsInDestructor {
    fn drop(&mut self) {
        assert_eq!(tracked_while_unwinding(true), None);
    }
}

#[timed]
#[track_caller]
fn tracked_while_unwinding(early: bool) -> Option<u8> {
    work();
    if early {
        return None;
    }
    Some(1)
}
shape!(sync tracked_while_unwinding => Ok, {
    panic_of(|| {
        let _calls = CallsInDestructor;
        panic!("on purpose")
    });
});

trait Tracks {
    fn tracked_method(&mut self) -> u32;

    #[timed]
    #[track_caller]
    fn tracked_default_method(&self) -> u32 {
        work();
        Location::caller().line()
    }
}

impl Tracks for u32 {
    #[timed]
    #[track_caller]
    fn tracked_method(&mut self) -> u32 {
        work();
        *self = Location::caller().line();
        *self
    }
}
shape!(sync tracked_method => Ok, {
    let (found, here) = (0.tracked_method(), line!());
    assert_eq!(found, here);
});
shape!(sync tracked_default_method => Ok, {
    let (found, here) = (0.tracked_default_method(), line!());
    assert_eq!(found, here);
});

struct Slots(Vec<Option<u8>>);

impl Slots {
    #[track_caller]
    #[timed]
    fn tracked_reborrow(&mut self, at: usize) -> &mut u8 {
        work();
        self.0[at].as_mut().expect("empty")
    }
}
shape!(sync tracked_reborrow => [sync "tracked_reborrow" => 1 x Ok], {
    let mut slots = Slots(vec![Some(1)]);
    *slots.tracked_reborrow(0) += 1;
    assert_eq!(slots.0, [Some(2)]);
});

#[timed]
#[tokio::main(flavor = "current_thread")]
async fn attribute_that_runs_it_below(number: u8) -> Result<u8, u8> {
    work_later().await;
    Err(number)
}
shape!(sync attribute_that_runs_it_below => [send "attribute_that_runs_it_below" => 1 x Error], {
    assert_eq!(std::thread::spawn(|| attribute_that_runs_it_below(3)).join().unwrap(), Err(3));
});

#[tokio::main(flavor = "current_thread")]
#[timed]
async fn attribute_that_runs_it_above(number: u8) -> Result<u8, u8> {
    work_later().await;
    Err(number)
}
shape!(sync attribute_that_runs_it_above => [sync "attribute_that_runs_it_above" => 1 x Error], {
    assert_eq!(std::thread::spawn(|| attribute_that_runs_it_above(3)).join().unwrap(), Err(3));
});

/// Tests that the harness does not see, to be called by hand.
#[expect(unnameable_test_items, reason = "they are called here and nowhere else")]
fn tests_within() {
    #[timed]
    #[test]
    fn test_below() {
        work();
    }
    #[test]
    #[timed]
    fn test_above() -> Result<(), String> {
        work();
        Ok(())
    }
    #[timed]
    #[tokio::test]
    async fn tokio_test_below() {
        work_later().await;
    }
    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    #[timed]
    async fn tokio_test_above() -> Result<(), String> {
        work_later().await;
        Err("failed".to_owned())
    }
    test_below();
    test_above().unwrap();
    tokio_test_below();
    tokio_test_above().unwrap_err();
}
shape!(sync tests => [
    sync "test_below" => 1 x Ok,
    sync "test_above" => 1 x Ok,
    send "tokio_test_below" => 1 x Ok,
    sync "tokio_test_above" => 1 x Error
], { std::thread::spawn(tests_within).join().unwrap() });
