//! Functions that give a future whose type has a name of the user's own.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use futures_util::stream::{self, Stream, StreamExt as _};
use tachograph::timed;

use super::driver::work_later;

type Later<T> = Pin<Box<dyn Future<Output = T> + Send>>;
type LaterResult<'a, T> = Pin<Box<dyn Future<Output = Result<T, u8>> + Send + 'a>>;

#[timed]
fn alias_of_a_future(number: u8) -> Later<u8> {
    Box::pin(async move {
        work_later().await;
        number
    })
}
shape!(send alias_of_a_future => Ok, { assert_eq!(alias_of_a_future(1).await, 1) });

#[timed]
fn alias_of_a_failing_future(text: &str) -> LaterResult<'_, &str> {
    Box::pin(async move {
        work_later().await;
        if text.is_empty() { Err(1) } else { Ok(text) }
    })
}
shape!(send alias_of_a_failing_future => Error, { assert_eq!(alias_of_a_failing_future("").await, Err(1)) });

/// Nobody promises that what comes out of these lives for ever, though their boxes do.
type UnpromisedBoxFuture<T, E> = Pin<Box<dyn Future<Output = Result<T, E>>>>;

struct Inner<T>(Rc<Cell<Option<T>>>);

impl<T> Inner<T> {
    fn give(&self) -> UnpromisedBoxFuture<T, u8>
    where
        T: 'static,
    {
        let taken = self.0.take();
        Box::pin(async move {
            work_later().await;
            taken.ok_or(1)
        })
    }
}

trait Gives<T, E> {
    fn give_later(&self) -> UnpromisedBoxFuture<T, E>;
}

impl<T: 'static> Gives<T, u8> for Inner<T> {
    fn give_later(&self) -> UnpromisedBoxFuture<T, u8> {
        self.give()
    }
}

struct Outer<T, E>(Box<dyn Gives<T, E>>);

impl<T, E> Outer<T, E> {
    #[timed]
    fn alias_of_an_unpromised_output(&self) -> UnpromisedBoxFuture<T, E> {
        self.0.give_later()
    }

    #[timed]
    fn unpromised_output(&self) -> Pin<Box<dyn Future<Output = Result<T, E>>>> {
        self.0.give_later()
    }
}

fn outer(number: Option<u8>) -> Outer<u8, u8> {
    Outer(Box::new(Inner(Rc::new(Cell::new(number)))))
}
shape!(local alias_of_an_unpromised_output => Error, {
    assert_eq!(outer(None).alias_of_an_unpromised_output().await, Err(1));
});
shape!(local unpromised_output => Error, { assert_eq!(outer(None).unpromised_output().await, Err(1)) });

/// Aliases of one's own, under the names that the crate `futures` has for its own.
mod aliases_of_known_names {
    use super::*;

    type BoxFuture<T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send>>;
    type LocalBoxFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, u8>> + 'a>>;
    type BoxStream<'a, T> = Pin<Box<dyn Stream<Item = Result<T, u8>> + Send + 'a>>;

    #[timed]
    fn known_name_with_an_error(number: u8) -> BoxFuture<u8, u8> {
        Box::pin(async move {
            work_later().await;
            Err(number)
        })
    }
    shape!(send known_name_with_an_error => Error, { assert_eq!(known_name_with_an_error(1).await, Err(1)) });

    #[timed]
    fn known_name_of_a_result(number: &Rc<u8>) -> LocalBoxFuture<'_, u8> {
        Box::pin(async move {
            work_later().await;
            Err(**number)
        })
    }
    shape!(local known_name_of_a_result => Error, {
        assert_eq!(known_name_of_a_result(&Rc::new(1)).await, Err(1));
    });

    #[timed(fields(number))]
    fn known_name_with_fields(number: u8) -> LocalBoxFuture<'static, u8> {
        Box::pin(async move {
            work_later().await;
            Ok(number)
        })
    }
    shape!(local known_name_with_fields => Ok, { assert_eq!(known_name_with_fields(1).await, Ok(1)) });

    #[timed]
    fn known_name_of_a_stream(number: u8) -> BoxStream<'static, u8> {
        Box::pin(stream::once(async move {
            work_later().await;
            Err(number)
        }))
    }
    shape!(send known_name_of_a_stream => Error, {
        assert_eq!(known_name_of_a_stream(1).collect::<Vec<_>>().await, [Err(1)]);
    });
}

/// A box with a marker that is not usual.
#[timed]
fn boxed_and_unpin(number: u8) -> Pin<Box<dyn Future<Output = u8> + Unpin + Send>> {
    let later = Box::pin(async move {
        work_later().await;
        number
    });
    Box::pin(later)
}
shape!(send boxed_and_unpin => Ok, { assert_eq!(boxed_and_unpin(1).await, 1) });
