//! Functions that give a future around which nothing can be put. They work as before and are not counted; a warning says
//! so, and stays a warning in a crate that denies all of them.

#![deny(warnings)]

use std::future::{Future, Ready, ready};
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

use tachograph::timed;

use super::driver::on_a_plain_thread;

mod measured_are_none {
    #![allow(deprecated, reason = "it is the warning that these are about")]
    use super::*;

    #[timed]
    fn future_of_its_own(number: u8) -> Ready<u8> {
        ready(number)
    }
    shape!(sync future_of_its_own => 0 x Ok, {
        assert_eq!(driver::on_a_plain_thread(future_of_its_own(1)), 1);
    });

    /// A future only where its parameter lives for ever.
    struct Lasting<T>(T);

    impl<T: Copy + Unpin + 'static> Future for Lasting<T> {
        type Output = T;

        fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<T> {
            Poll::Ready(self.0)
        }
    }

    #[timed]
    fn future_only_if_it_lasts<T: Copy + Unpin>(value: T) -> Lasting<T> {
        Lasting(value)
    }
    shape!(sync future_only_if_it_lasts => 0 x Ok, {
        assert_eq!(driver::on_a_plain_thread(future_only_if_it_lasts(1)), 1);
        let number = 2;
        assert_eq!(*future_only_if_it_lasts(&number).0, 2);
    });

    /// A future of its own under the name that the crate `futures` has for a boxed one.
    struct BoxFuture<'a, T>(Ready<T>, PhantomData<&'a ()>);

    impl<T> Future for BoxFuture<'_, T> {
        type Output = T;

        fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
            Pin::new(&mut self.0).poll(context)
        }
    }

    #[timed]
    fn future_of_its_own_with_a_known_name(number: u8) -> BoxFuture<'static, u8> {
        BoxFuture(ready(number), PhantomData)
    }
    shape!(send future_of_its_own_with_a_known_name => 0 x Ok, {
        assert_eq!(future_of_its_own_with_a_known_name(1).await, 1);
    });
}

#[timed]
#[allow(deprecated, reason = "as above")]
fn within_an_option(number: u8) -> Option<impl Future<Output = u8>> {
    (number > 0).then(|| ready(number))
}

#[timed]
#[allow(deprecated, reason = "as above")]
fn within_a_borrow(
    future: &mut Pin<Box<dyn Future<Output = u8> + Send>>,
) -> Pin<&mut (dyn Future<Output = u8> + Send)> {
    future.as_mut()
}

#[timed]
#[allow(deprecated, reason = "as above")]
fn not_pinned(number: u8) -> Box<dyn Future<Output = u8>> {
    if number > 0 {
        return Box::new(ready(number));
    }
    Box::new(async { 0 })
}

#[test]
fn a_function_whose_future_is_out_of_reach_works_as_before() {
    assert_eq!(within_an_option(1).map(on_a_plain_thread), Some(1));
    assert_eq!(on_a_plain_thread(within_a_borrow(&mut (Box::pin(ready(2_u8)) as _))), 2);
    assert_eq!(on_a_plain_thread(Box::into_pin(not_pinned(3))), 3);
    assert_eq!(on_a_plain_thread(Box::into_pin(not_pinned(0))), 0);
}
