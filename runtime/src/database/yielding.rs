//! A stream whose items come out of an async block, which may borrow what it owns.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use futures_core::Stream;

/// The block, and the place where it leaves an item. It is polled until it has left one, or has ended.
pub(super) struct Yielding<'a, T, E> {
    /// Gone with the end of the block.
    block: Option<Block<'a, E>>,
    place: Place<T>,
}

type Block<'a, E> = Pin<Box<dyn Future<Output = Result<(), E>> + Send + 'a>>;

/// Where a block leaves its items.
pub(super) struct Place<T>(Arc<Mutex<Option<T>>>);

impl<T> Place<T> {
    /// Leaves an item, and goes on when the next one is asked for.
    pub(super) async fn leave(&mut self, item: T) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(item);
        let mut has_left = false;
        // The stream looks at the place in this very poll; nobody needs to be woken.
        std::future::poll_fn(|_| {
            if std::mem::replace(&mut has_left, true) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }

    fn take(&self) -> Option<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl<'a, T, E> Yielding<'a, T, E> {
    pub(super) fn new<B>(block: impl FnOnce(Place<T>) -> B) -> Self
    where
        B: Future<Output = Result<(), E>> + Send + 'a,
    {
        let place = Arc::new(Mutex::new(None));
        Self { block: Some(Box::pin(block(Place(Arc::clone(&place))))), place: Place(place) }
    }
}

impl<T, E> Stream for Yielding<'_, T, E> {
    type Item = Result<T, E>;

    fn poll_next(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(block) = &mut self.block else { return Poll::Ready(None) };
        match block.as_mut().poll(task) {
            Poll::Pending => self.place.take().map_or(Poll::Pending, |item| Poll::Ready(Some(Ok(item)))),
            Poll::Ready(ended) => {
                self.block = None;
                Poll::Ready(ended.err().map(Err))
            }
        }
    }
}
