//! Functions that give a stream: one call each, from the first item asked for to the end.

use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use futures_core::Stream;
use futures_core::stream::BoxStream;
use futures_util::{StreamExt, stream};
use tachograph::timed;

use super::driver::{panic_of_future, work, work_later};

#[timed]
fn impl_stream(count: u8) -> impl Stream<Item = u8> {
    stream::iter(0..count).then(|number| async move {
        work_later().await;
        number
    })
}
shape!(send impl_stream => Ok, { assert_eq!(impl_stream(3).collect::<Vec<_>>().await, [0, 1, 2]) });

#[timed]
fn impl_stream_that_borrows(numbers: &[u8]) -> impl Stream<Item = &u8> + '_ {
    stream::iter(numbers).then(async |number| {
        work_later().await;
        number
    })
}
shape!(local impl_stream_that_borrows => Ok, {
    assert_eq!(impl_stream_that_borrows(&[1, 2]).collect::<Vec<&u8>>().await, [&1_u8, &2]);
});

#[timed]
fn impl_stream_without_items() -> impl Stream<Item = u8> + Send {
    stream::once(work_later()).filter_map(|()| async { None })
}
shape!(send impl_stream_without_items => Ok, { assert_eq!(impl_stream_without_items().count().await, 0) });

#[timed]
fn impl_stream_of_results(fine: bool) -> impl Stream<Item = Result<u8, u8>> {
    stream::iter([Ok(1), if fine { Ok(2) } else { Err(2) }, Ok(3)]).then(|item| async move {
        work_later().await;
        item
    })
}
shape!(send impl_stream_of_results => Error, {
    assert_eq!(impl_stream_of_results(false).collect::<Vec<_>>().await, [Ok(1), Err(2), Ok(3)]);
});

#[timed]
fn impl_stream_left_early() -> impl Stream<Item = u8> {
    stream::repeat(1).then(|number| async move {
        work_later().await;
        number
    })
}
shape!(send impl_stream_left_early => Cancelled, {
    assert_eq!(impl_stream_left_early().take(2).collect::<Vec<_>>().await, [1, 1]);
});

#[timed]
fn impl_stream_never_asked(seen: &mut bool) -> impl Stream<Item = u8> + use<> {
    *seen = true;
    stream::once(async {
        work_later().await;
        1
    })
}
shape!(sync impl_stream_never_asked => [send "impl_stream_never_asked" => 0 x Ok], {
    let mut seen = false;
    drop(impl_stream_never_asked(&mut seen));
    assert!(seen, "what stands before the stream is done at once");
});

#[timed]
fn impl_stream_that_panics() -> impl Stream<Item = u8> {
    stream::iter([1, 2]).map(|number| {
        work();
        assert!(number < 2, "too many");
        number
    })
}
shape!(send impl_stream_that_panics => Panic, {
    assert_eq!(panic_of_future(impl_stream_that_panics().collect::<Vec<_>>()).await, "too many");
});

#[timed]
fn pinned_box_of_a_stream<'a>(numbers: &'a [u8]) -> Pin<Box<dyn Stream<Item = u8> + Send + 'a>> {
    Box::pin(stream::iter(numbers).map(|number| {
        work();
        number + 1
    }))
}
shape!(send pinned_box_of_a_stream => Ok, {
    assert_eq!(pinned_box_of_a_stream(&[1, 2]).collect::<Vec<_>>().await, [2, 3]);
});

#[timed]
fn box_stream(numbers: Vec<u8>) -> BoxStream<'static, u8> {
    stream::iter(numbers).inspect(|_| work()).boxed()
}
shape!(send box_stream => Ok, { assert_eq!(box_stream(vec![1, 2]).collect::<Vec<_>>().await, [1, 2]) });

#[timed]
fn stream_that_knows_its_size(count: u8) -> impl Stream<Item = u8> {
    stream::iter(0..count).inspect(|_| work())
}
shape!(send stream_that_knows_its_size => Ok, {
    let mut stream = pin!(stream_that_knows_its_size(3));
    assert_eq!(stream.size_hint(), (3, Some(3)));
    stream.next().await;
    assert_eq!(stream.size_hint(), (2, Some(2)));
    assert_eq!(stream.count().await, 2);
});

/// It may be asked again after its end, and then goes on.
struct Flickers(u8);

impl Stream for Flickers {
    type Item = u8;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<u8>> {
        work();
        self.0 += 1;
        Poll::Ready((self.0 % 2 == 1).then_some(self.0))
    }
}

#[timed]
fn stream_asked_after_its_end() -> impl Stream<Item = u8> {
    Flickers(0)
}
shape!(sync stream_asked_after_its_end => [send "stream_asked_after_its_end" => 1 x Ok], {
    let mut stream = pin!(stream_asked_after_its_end());
    let mut ask = || stream.as_mut().poll_next(&mut Context::from_waker(Waker::noop()));
    let items = [ask(), ask(), ask(), ask()];
    assert_eq!(items, [Some(1), None, Some(3), None].map(Poll::Ready));
});

struct Store(Vec<u8>);

impl Store {
    #[timed]
    fn stream_of_a_method(&mut self) -> impl Stream<Item = u8> + '_ {
        stream::iter(self.0.drain(..)).inspect(|_| work())
    }
}
shape!(send stream_of_a_method => Ok, {
    let mut store = Store(vec![1, 2]);
    assert_eq!(store.stream_of_a_method().collect::<Vec<_>>().await, [1, 2]);
    assert!(store.0.is_empty());
});
