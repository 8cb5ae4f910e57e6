//! Functions that are not `async` and give a future.

#![allow(clippy::manual_async_fn, reason = "the long way to write an `async fn` is a shape as well")]

use std::cell::Cell;
use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::rc::Rc;

use futures_util::future::{BoxFuture, LocalBoxFuture};
use tachograph::timed;

use super::driver::{give_way, work_later};

#[timed]
fn impl_future(number: u8) -> impl Future<Output = u8> {
    async move {
        work_later().await;
        number
    }
}
shape!(send impl_future => Ok, { assert_eq!(impl_future(1).await, 1) });

#[timed]
fn impl_future_that_is_static(
    text: &str,
) -> impl std::future::Future<Output = usize> + Send + 'static + use<> {
    let text = text.to_owned();
    async move {
        work_later().await;
        text.len()
    }
}
shape!(send impl_future_that_is_static => Ok, {
    let future = { impl_future_that_is_static(&String::from("ab")) };
    assert_eq!(tokio_or_here(future).await, 2);
});

async fn tokio_or_here<T: Send + 'static>(future: impl Future<Output = T> + Send + 'static) -> T {
    future.await
}

#[timed]
fn impl_future_that_borrows<'a>(
    text: &'a str,
    _other: &u8,
) -> impl Future<Output = Result<&'a str, u8>> + use<'a> {
    async move {
        work_later().await;
        if text.is_empty() {
            return Err(1);
        }
        Ok(text)
    }
}
shape!(send impl_future_that_borrows => Error, {
    let future = { impl_future_that_borrows("", &1) };
    assert_eq!(future.await, Err(1));
});

#[timed]
fn impl_future_of_an_alias() -> impl Future<Output = std::io::Result<()>> + Send {
    async {
        work_later().await;
        Err(std::io::ErrorKind::NotFound.into())
    }
}
shape!(send impl_future_of_an_alias => Error, { assert!(impl_future_of_an_alias().await.is_err()) });

#[timed]
fn impl_future_after_work(log: &mut Vec<u8>, number: u8) -> impl Future<Output = u8> + use<> {
    log.push(number);
    let doubled = number * 2;
    async move {
        work_later().await;
        doubled
    }
}
shape!(send impl_future_after_work => Ok, {
    let mut log = vec![];
    let future = impl_future_after_work(&mut log, 3);
    assert_eq!(log, [3], "what stands before the future is done at once");
    assert_eq!(future.await, 6);
});

#[timed]
fn impl_future_of_another(text: &str) -> impl Future<Output = usize> + '_ {
    async fn length(text: &str) -> usize {
        work_later().await;
        text.len()
    }
    length(text)
}
shape!(send impl_future_of_another => Ok, { assert_eq!(impl_future_of_another("ab").await, 2) });

#[timed]
fn impl_future_generic<T, F>(value: T, change: F) -> impl Future<Output = T>
where
    F: FnOnce(T) -> T,
{
    async move {
        work_later().await;
        change(value)
    }
}
shape!(local impl_future_generic => Ok, { assert_eq!(impl_future_generic(1, |number| number + 1).await, 2) });

#[timed]
fn impl_future_not_send(number: Rc<Cell<u8>>) -> impl Future<Output = ()> {
    async move {
        work_later().await;
        number.set(2);
    }
}
shape!(local impl_future_not_send => Ok, {
    let number = Rc::new(Cell::new(1));
    impl_future_not_send(Rc::clone(&number)).await;
    assert_eq!(number.get(), 2);
});

#[timed]
fn impl_future_with_more_bounds(number: u8) -> impl Send + Unpin + Future<Output = u8> {
    Box::pin(async move {
        work_later().await;
        number
    })
}
shape!(send impl_future_with_more_bounds => Ok, { assert_eq!(impl_future_with_more_bounds(1).await, 1) });

#[timed]
fn impl_future_with_an_early_return(number: u8) -> impl Future<Output = u8> {
    let later = |number: u8| async move {
        work_later().await;
        number
    };
    if number > 1 {
        return later(number);
    }
    later(0)
}
shape!(send impl_future_with_an_early_return => 2 x Ok, {
    assert_eq!(impl_future_with_an_early_return(2).await, 2);
    assert_eq!(impl_future_with_an_early_return(1).await, 0);
});

#[timed]
fn impl_future_inferred_from_the_return_type() -> impl Future<Output = Option<u8>> {
    let later = Default::default();
    async move {
        work_later().await;
        later
    }
}
shape!(send impl_future_inferred_from_the_return_type => Ok, {
    assert_eq!(impl_future_inferred_from_the_return_type().await, None);
});

#[timed]
fn pinned_box<'a>(text: &'a str) -> Pin<Box<dyn Future<Output = &'a str> + Send + 'a>> {
    Box::pin(async move {
        work_later().await;
        text
    })
}
shape!(send pinned_box => Ok, { assert_eq!(pinned_box("a").await, "a") });

#[timed]
fn pinned_box_by_full_path(
    number: u8,
) -> ::core::pin::Pin<
    ::std::boxed::Box<dyn ::core::future::Future<Output = Result<u8, u8>> + ::core::marker::Send>,
> {
    std::boxed::Box::pin(async move {
        work_later().await;
        Err(number)
    })
}
shape!(send pinned_box_by_full_path => Error, { assert_eq!(pinned_box_by_full_path(1).await, Err(1)) });

#[timed]
fn pinned_box_elided(numbers: &mut Vec<u8>) -> Pin<Box<dyn Future<Output = ()> + '_>> {
    Box::pin(async move {
        work_later().await;
        numbers.push(1);
    })
}
shape!(local pinned_box_elided => Ok, {
    let mut numbers = vec![];
    pinned_box_elided(&mut numbers).await;
    assert_eq!(numbers, [1]);
});

#[timed]
fn pinned_box_of_two(left: bool) -> Pin<Box<dyn Future<Output = u8> + Send>> {
    if left {
        return Box::pin(async {
            work_later().await;
            1
        });
    }
    let other = async {
        work_later().await;
        give_way().await;
        2
    };
    Box::pin(other)
}
shape!(send pinned_box_of_two => 2 x Ok, {
    assert_eq!(pinned_box_of_two(true).await + pinned_box_of_two(false).await, 3);
});

#[timed]
fn box_future(text: &str) -> BoxFuture<'_, Result<usize, ()>> {
    Box::pin(async move {
        work_later().await;
        if text.is_empty() { Err(()) } else { Ok(text.len()) }
    })
}
shape!(send box_future => Error, { assert_eq!(box_future("").await, Err(())) });

#[timed]
fn box_future_of_boxed(number: u8) -> futures_util::future::BoxFuture<'static, u8> {
    use futures_util::FutureExt as _;
    async move {
        work_later().await;
        number
    }
    .boxed()
}
shape!(send box_future_of_boxed => Ok, { assert_eq!(box_future_of_boxed(1).await, 1) });

#[timed]
fn local_box_future(number: Rc<u8>) -> LocalBoxFuture<'static, u8> {
    Box::pin(async move {
        work_later().await;
        *number
    })
}
shape!(local local_box_future => Ok, { assert_eq!(local_box_future(Rc::new(1)).await, 1) });

struct Store(Vec<u8>);

impl Store {
    #[timed]
    fn impl_future_of_a_method(&mut self, number: u8) -> impl Future<Output = &mut u8> {
        async move {
            work_later().await;
            self.0.push(number);
            self.0.last_mut().unwrap()
        }
    }

    #[timed]
    fn box_future_of_a_method<'a>(&'a mut self, others: &'a [u8]) -> BoxFuture<'a, &'a mut [u8]> {
        Box::pin(async move {
            work_later().await;
            self.0.extend(others);
            &mut self.0[..]
        })
    }

    #[timed]
    fn box_future_that_owns(self) -> Pin<Box<dyn Future<Output = Vec<u8>> + Send>> {
        Box::pin(async move {
            work_later().await;
            self.0
        })
    }
}
shape!(send impl_future_of_a_method => Ok, {
    let mut store = Store(vec![]);
    *store.impl_future_of_a_method(1).await += 1;
    assert_eq!(store.0, [2]);
});
shape!(send box_future_of_a_method => Ok, {
    let mut store = Store(vec![]);
    store.box_future_of_a_method(&[1, 2]).await[0] = 7;
    assert_eq!(store.0, [7, 2]);
});
shape!(send box_future_that_owns => Ok, { assert_eq!(Store(vec![1]).box_future_that_owns().await, [1]) });

struct Service;

trait Call {
    type Future: Future<Output = Result<u8, u8>>;
    fn call(&mut self, number: u8) -> Self::Future;
    fn boxed_call(&mut self, number: u8) -> BoxFuture<'_, Result<u8, u8>>;
}

impl Call for Service {
    type Future = Ready<Result<u8, u8>>;

    fn call(&mut self, number: u8) -> Self::Future {
        ready(Err(number))
    }

    #[timed]
    fn boxed_call(&mut self, number: u8) -> BoxFuture<'_, Result<u8, u8>> {
        Box::pin(async move {
            work_later().await;
            self.call(number).await
        })
    }
}
shape!(send boxed_call => Error, { assert_eq!(Service.boxed_call(1).await, Err(1)) });
