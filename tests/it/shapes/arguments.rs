//! The attribute's arguments, on each shape that they have to fit.

use std::future::{Future, pending};
use std::pin::Pin;

use async_trait::async_trait;
use futures_core::Stream;
use futures_util::{StreamExt, stream};
use tachograph::{functions, timed};

use super::driver::{drop_after_polls, panic_of, panic_of_future, work, work_later};

/// The gauge of a function, which the driver wants to see at 0 again.
fn under_way(name: &str) -> Option<u64> {
    let stats = functions().into_iter().find(|stats| stats.function() == name);
    stats.and_then(|stats| stats.in_flight())
}

#[timed(in_flight)]
fn gauged(depth: u8) -> Result<u8, u64> {
    work();
    if depth == 0 {
        return Err(under_way("gauged").unwrap());
    }
    gauged(depth - 1)
}
shape!(sync gauged => 3 x Error, { assert_eq!(gauged(2), Err(3)) });

#[timed(in_flight)]
fn gauged_panic() {
    work();
    assert_eq!(under_way("gauged_panic"), Some(1));
    panic!("on purpose")
}
shape!(sync gauged_panic => Panic, { assert_eq!(panic_of(gauged_panic), "on purpose") });

#[timed(in_flight)]
#[track_caller]
fn gauged_tracked(early: bool) -> Option<u64> {
    work();
    if early {
        return None;
    }
    under_way("gauged_tracked")
}
shape!(sync gauged_tracked => 2 x Ok, { assert_eq!([true, false].map(gauged_tracked), [None, Some(1)]) });

#[timed(in_flight)]
async fn async_gauged() -> Option<u64> {
    work_later().await;
    under_way("async_gauged")
}
shape!(send async_gauged => Ok, {
    let future = async_gauged();
    assert_eq!(under_way("async_gauged"), Some(0), "it has not begun");
    assert_eq!(future.await, Some(1));
});

#[timed(in_flight)]
async fn async_gauged_cancellation() {
    pending().await
}
shape!(send async_gauged_cancellation => 2 x Cancelled, {
    drop_after_polls(1, async_gauged_cancellation()).await;
    drop_after_polls(2, async_gauged_cancellation()).await;
    drop(async_gauged_cancellation());
});

#[timed(in_flight)]
async fn async_gauged_panic() {
    work_later().await;
    assert_eq!(under_way("async_gauged_panic"), Some(1));
    panic!("on purpose")
}
shape!(send async_gauged_panic => Panic, {
    assert_eq!(panic_of_future(async_gauged_panic()).await, "on purpose");
});

#[timed(in_flight)]
fn gauged_stream() -> impl Stream<Item = Option<u64>> {
    stream::iter([(), ()]).map(|()| {
        work();
        under_way("gauged_stream")
    })
}
shape!(send gauged_stream => Ok, { assert_eq!(gauged_stream().collect::<Vec<_>>().await, [Some(1), Some(1)]) });

#[timed(in_flight)]
fn gauged_stream_left_early() -> impl Stream<Item = ()> {
    stream::repeat_with(work)
}
shape!(send gauged_stream_left_early => Cancelled, { gauged_stream_left_early().take(1).collect::<Vec<_>>().await; });

/// All that can be said at once.
macro_rules! with_all_arguments {
    (($first:ident, $second:ident, $third:ident) $($function:tt)*) => {
        #[timed(
            component = "everything",
            slow = "60s",
            buckets = ["1ms", "1s"],
            in_flight,
            err(level = "warn"),
            fields($first, %$second, ?$third, fourth = $third.len() + 1)
        )]
        $($function)*
    };
}

with_all_arguments! { (first, second, third)
    fn all_arguments(first: u8, second: &str, third: Vec<u8>) -> Result<usize, String> {
        work();
        tachograph::record!(fifth = first, sixth = second.len());
        Err(format!("{first} {second} {third:?}"))
    }
}
shape!(sync all_arguments => Error, { assert_eq!(all_arguments(1, "a", vec![2]), Err("1 a [2]".into())) });

with_all_arguments! { (first, second, third)
    async fn async_all_arguments(first: u8, second: &str, third: Vec<u8>) -> Result<usize, String> {
        work_later().await;
        tachograph::record!(fifth = first, sixth = second.len());
        Err(format!("{first} {second} {third:?}"))
    }
}
shape!(send async_all_arguments => Error, {
    assert_eq!(async_all_arguments(1, "a", vec![2]).await, Err("1 a [2]".into()));
});

with_all_arguments! { (first, second, third)
    #[track_caller]
    fn tracked_all_arguments(first: u8, second: &str, third: Vec<u8>) -> Result<u32, String> {
        work();
        if first == 0 {
            Err(format!("{second} {third:?}"))?;
        }
        Ok(std::panic::Location::caller().line())
    }
}
shape!(sync tracked_all_arguments => Ok, { assert_eq!(tracked_all_arguments(1, "a", vec![2]), Ok(line!())) });

with_all_arguments! { (first, second, third)
    fn impl_future_all_arguments(first: u8, second: &str, third: Vec<u8>) -> impl Future<Output = Result<u8, String>> {
        async move {
            work_later().await;
            Err(format!("{first} {second} {third:?}"))
        }
    }
}
shape!(send impl_future_all_arguments => Error, {
    assert_eq!(impl_future_all_arguments(1, "a", vec![2]).await, Err("1 a [2]".into()));
});

with_all_arguments! { (first, second, third)
    fn boxed_all_arguments<'a>(
        first: u8,
        second: &'a str,
        third: Vec<u8>,
    ) -> Pin<Box<dyn Future<Output = Result<u8, String>> + Send + 'a>> {
        Box::pin(async move {
            work_later().await;
            Err(format!("{first} {second} {third:?}"))
        })
    }
}
shape!(send boxed_all_arguments => Error, {
    assert_eq!(boxed_all_arguments(1, "a", vec![2]).await, Err("1 a [2]".into()));
});

#[async_trait]
trait Says {
    async fn by_async_trait_all_arguments(
        &self,
        first: u8,
        second: &str,
        third: Vec<u8>,
    ) -> Result<u8, String>;
}

#[async_trait]
impl Says for u8 {
    #[timed(
        component = "everything",
        slow = "60s",
        buckets = ["1ms", "1s"],
        in_flight,
        err,
        fields(first, %second, ?third, fourth = third.len() + 1)
    )]
    async fn by_async_trait_all_arguments(
        &self,
        first: u8,
        second: &str,
        third: Vec<u8>,
    ) -> Result<u8, String> {
        work_later().await;
        Err(format!("{self} {first} {second} {third:?}"))
    }
}
shape!(send by_async_trait_all_arguments => Error, {
    assert_eq!(0_u8.by_async_trait_all_arguments(1, "a", vec![2]).await, Err("0 1 a [2]".into()));
});

#[timed(fields(text, length = text.len()), slow = "never")]
fn fields_of_a_moved_argument(text: String) -> String {
    work();
    text
}
shape!(sync fields_of_a_moved_argument => Ok, { assert_eq!(fields_of_a_moved_argument("a".into()), "a") });

#[timed(fields(number))]
fn fields_of_a_mutable_argument(number: &mut u8) -> &mut u8 {
    work();
    *number += 1;
    number
}
shape!(sync fields_of_a_mutable_argument => Ok, { assert_eq!(*fields_of_a_mutable_argument(&mut 1), 2) });

struct Store(Vec<u8>);

impl Store {
    #[timed(fields(length = self.0.len(), %number), component = "store")]
    async fn async_fields_of_a_receiver(&mut self, number: u8) -> &mut u8 {
        work_later().await;
        self.0.push(number);
        self.0.last_mut().unwrap()
    }

    #[timed(classify = Self::full, labels(kind = self.0.len() > 1), in_flight)]
    fn labelled_by_its_receiver(&self) -> usize {
        work();
        self.0.len()
    }

    const fn full(length: &usize) -> tachograph::Outcome {
        if *length > 1 { tachograph::Outcome::Error } else { tachograph::Outcome::Ok }
    }
}
shape!(send async_fields_of_a_receiver => Ok, {
    assert_eq!(*Store(vec![]).async_fields_of_a_receiver(1).await, 1);
});
shape!(sync labelled_by_its_receiver => Error, { assert_eq!(Store(vec![1, 2]).labelled_by_its_receiver(), 2) });

#[timed(labels(kind = kind, size = if text.len() > 1 { "long" } else { "short" }))]
async fn async_with_labels(kind: &str, text: String) -> Result<String, usize> {
    work_later().await;
    if kind == "bad" { Err(text.len()) } else { Ok(text) }
}
shape!(send async_with_labels => [send "async_with_labels" => 1 x Error], {
    assert_eq!(async_with_labels("bad", "ab".into()).await, Err(2));
});
