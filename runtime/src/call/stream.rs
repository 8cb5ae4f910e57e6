//! A call that is a stream: from the first time an item is asked for to its end.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;

use super::future::{Collects, Judges, Progress};
use super::recording::Collected;
use crate::call_site::CallSite;
use crate::outcome::Outcome;

/// A measured stream: one call, whatever the number of its items. It is an error where an item was one, and cancelled
/// where it was dropped before its end.
#[must_use = "streams do nothing unless polled"]
#[derive(Debug)]
pub struct TimedStream<T: Stream, J: Judges<T::Item>, C: Collects> {
    progress: Progress<C>,
    outcome: Outcome,
    stream: T,
    judge: J,
}

/// Measures a stream; `judge` decides for each item.
#[inline]
pub fn timed_stream<T, J>(stream: T, judge: J) -> TimedStream<T, J, ()>
where
    T: Stream,
    J: Fn(Option<&T::Item>) -> (&'static CallSite, Outcome),
{
    TimedStream { progress: Progress::NEW, outcome: Outcome::Ok, stream, judge }
}

/// The same for a stream that records fields.
#[inline]
pub fn timed_stream_recording<T, J>(stream: T, judge: J) -> TimedStream<T, J, Collected>
where
    T: Stream,
    J: Fn(Option<&T::Item>) -> (&'static CallSite, Outcome),
{
    TimedStream { progress: Progress::new(Collected::default()), outcome: Outcome::Ok, stream, judge }
}

impl<T, J, C> Stream for TimedStream<T, J, C>
where
    T: Stream,
    J: Judges<T::Item>,
    C: Collects,
{
    type Item = T::Item;

    #[inline]
    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T::Item>> {
        // SAFETY: of the fields only `stream` is pinned; it is never moved out.
        let this = unsafe { self.get_unchecked_mut() };
        // SAFETY: as above.
        let stream = unsafe { Pin::new_unchecked(&mut this.stream) };
        let mut polling = this.progress.enter((this.judge)(None).0);
        let polled = stream.poll_next(context);
        polling.leave();
        polling.end(match &polled {
            Poll::Ready(None) => Some(this.outcome),
            Poll::Ready(Some(item)) => {
                if this.outcome == Outcome::Ok {
                    this.outcome = (this.judge)(Some(item)).1;
                }
                None
            }
            Poll::Pending => None,
        });
        polled
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.stream.size_hint()
    }
}

/// One that is left under way is cancelled, like a future.
impl<T, J, C> Drop for TimedStream<T, J, C>
where
    T: Stream,
    J: Judges<T::Item>,
    C: Collects,
{
    #[inline]
    fn drop(&mut self) {
        self.progress.cancel((self.judge)(None).0);
    }
}
