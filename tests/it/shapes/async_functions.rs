//! `async fn`, free and as methods.
#![allow(
    clippy::needless_lifetimes,
    clippy::toplevel_ref_arg,
    clippy::needless_arbitrary_self_type,
    reason = "the long way to write a signature is a shape as well"
)]

use std::cell::Cell;
use std::fmt::Display;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

use tachograph::timed;

use super::driver::{give_way, panic_of_future, work_later};

#[timed]
async fn async_function(number: u8) -> u8 {
    work_later().await;
    number + 1
}
shape!(send async_function => Ok, { assert_eq!(async_function(1).await, 2) });

#[timed]
async fn async_without_result(numbers: &mut Vec<u8>) {
    work_later().await;
    numbers.push(7);
}
shape!(send async_without_result => Ok, {
    let mut numbers = vec![];
    async_without_result(&mut numbers).await;
    assert_eq!(numbers, [7]);
});

#[timed]
async fn async_that_never_waits(number: u8) -> u8 {
    super::driver::work();
    number
}
shape!(send async_that_never_waits => Ok, { assert_eq!(async_that_never_waits(1).await, 1) });

#[timed]
async fn async_generic<T, U: Into<T>>(value: U) -> T {
    work_later().await;
    value.into()
}
shape!(send async_generic => 2 x Ok, {
    assert_eq!(async_generic::<u16, u8>(1).await, 1);
    assert_eq!(async_generic::<String, _>("a").await, "a");
});

#[timed]
async fn async_where<I>(items: I) -> Vec<I::Item>
where
    I: IntoIterator,
    I::Item: Ord,
{
    work_later().await;
    let mut items: Vec<_> = items.into_iter().collect();
    give_way().await;
    items.sort();
    items
}
shape!(send async_where => Ok, { assert_eq!(async_where([2, 1]).await, [1, 2]) });

#[timed]
async fn async_const_generic<const N: usize>(bytes: [u8; N]) -> usize {
    work_later().await;
    bytes.len() + N
}
shape!(send async_const_generic => Ok, { assert_eq!(async_const_generic([0; 3]).await, 6) });

#[timed]
async fn async_elided(text: &str, others: &[&str], _: &mut u8) -> usize {
    work_later().await;
    others.iter().filter(|other| **other == text).count()
}
shape!(send async_elided => Ok, { assert_eq!(async_elided("a", &["a", "b"], &mut 1).await, 1) });

#[timed]
async fn async_elided_result(text: &str) -> &str {
    work_later().await;
    text.trim()
}
shape!(send async_elided_result => Ok, {
    let text = String::from(" a ");
    assert_eq!(async_elided_result(&text).await, "a");
});

#[timed]
async fn async_named<'a, 'b>(one: &'a mut Vec<u8>, other: &'b [u8]) -> &'a mut [u8]
where
    'b: 'a,
{
    work_later().await;
    one.extend(other);
    give_way().await;
    one
}
shape!(send async_named => Ok, {
    let mut numbers = vec![1];
    async_named(&mut numbers, &[2]).await[0] = 7;
    assert_eq!(numbers, [7, 2]);
});

#[timed]
async fn async_unrelated_lifetimes<'a>(one: &'a str, _other: &str) -> &'a str {
    work_later().await;
    one
}
shape!(send async_unrelated_lifetimes => Ok, {
    let one = String::from("a");
    let found = {
        let other = String::from("b");
        async_unrelated_lifetimes(&one, &other).await
    };
    assert_eq!(found, "a");
});

struct Reader<'a>(&'a str);

#[timed]
async fn async_hidden_lifetimes(reader: Reader<'_>, other: &Reader<'_>) -> usize {
    work_later().await;
    reader.0.len() + other.0.len()
}
shape!(send async_hidden_lifetimes => Ok, { assert_eq!(async_hidden_lifetimes(Reader("a"), &Reader("bc")).await, 3) });

#[timed]
async fn async_impl_trait(numbers: impl Iterator<Item = u8>, add: impl AsyncFn(u8) -> u8) -> u8 {
    work_later().await;
    add(numbers.sum()).await
}
shape!(local async_impl_trait => Ok, {
    assert_eq!(async_impl_trait([1, 2].into_iter(), async |number| number + 1).await, 4);
});

#[timed]
async fn async_impl_trait_result(number: u8) -> impl Display + Send {
    work_later().await;
    number
}
shape!(send async_impl_trait_result => Ok, { assert_eq!(async_impl_trait_result(1).await.to_string(), "1") });

#[timed]
async fn async_result_of_impl_trait(
    text: &str,
) -> Result<impl Iterator<Item = char>, std::num::ParseIntError> {
    work_later().await;
    let count: usize = text.parse()?;
    Ok(std::iter::repeat_n('a', count))
}
shape!(send async_result_of_impl_trait => Error, { assert!(async_result_of_impl_trait("x").await.is_err()) });

#[timed]
async fn async_dyn(
    show: &(dyn Display + Sync),
    each: &mut (dyn FnMut(char) + Send),
) -> Box<dyn Display + Send> {
    work_later().await;
    show.to_string().chars().for_each(each);
    Box::new(1)
}
shape!(send async_dyn => Ok, {
    let mut seen = String::new();
    assert_eq!(async_dyn(&17, &mut |character| seen.push(character)).await.to_string(), "1");
    assert_eq!(seen, "17");
});

struct Point {
    x: u8,
    y: u8,
}

#[timed]
async fn async_destructured(
    (a, mut b): (u8, u8),
    Point { x, y: other }: Point,
    &[first, ..]: &[u8; 3],
) -> u8 {
    work_later().await;
    b += 1;
    a + b + x + other + first
}
shape!(send async_destructured => Ok, {
    assert_eq!(async_destructured((1, 2), Point { x: 4, y: 8 }, &[16, 0, 0]).await, 32);
});

#[timed]
async fn async_patterns(
    ref name: String,
    ref mut count: u8,
    whole @ (first, _): (u8, u8),
    mut last: u8,
) -> usize {
    work_later().await;
    *count += 1;
    last += first + whole.1;
    name.len() + usize::from(*count) + usize::from(last)
}
shape!(send async_patterns => Ok, { assert_eq!(async_patterns("ab".into(), 1, (4, 8), 16).await, 32) });

#[timed]
async fn async_cfg_parameters(
    #[cfg(test)] present: String,
    #[cfg(any())] absent: NoSuchType,
    #[cfg(not(any()))] (mut changed, _): (u8, u8),
    #[cfg(not(test))] _: NoSuchType,
) -> usize {
    work_later().await;
    changed += 1;
    present.len() + usize::from(changed)
}
shape!(send async_cfg_parameters => Ok, { assert_eq!(async_cfg_parameters("a".into(), (1, 2)).await, 3) });

#[timed]
async fn async_unnamed(_: String, _unused: Vec<u8>, #[allow(unused_variables)] unused: &str) -> u8 {
    work_later().await;
    1
}
shape!(send async_unnamed => Ok, { assert_eq!(async_unnamed(String::new(), vec![], "").await, 1) });

#[timed]
async unsafe fn async_unsafe(number: &u8) -> u8 {
    work_later().await;
    // SAFETY: a reference is a good pointer.
    unsafe { *std::ptr::from_ref(number) }
}
shape!(send async_unsafe => Ok, {
    // SAFETY: it asks for nothing.
    assert_eq!(unsafe { async_unsafe(&1) }.await, 1);
});

#[timed]
async fn async_never(message: &str) -> ! {
    work_later().await;
    panic!("{message}")
}
shape!(send async_never => Panic, {
    assert_eq!(panic_of_future(async { async_never("on purpose").await }).await, "on purpose");
});

#[timed]
async fn async_recursion(depth: u8) -> u8 {
    work_later().await;
    if depth == 0 {
        return 0;
    }
    Box::pin(async_recursion(depth - 1)).await + 1
}
shape!(local async_recursion => 4 x Ok, { assert_eq!(async_recursion(3).await, 3) });

#[timed]
fn boxed_recursion(depth: u8) -> Pin<Box<dyn Future<Output = u8> + Send>> {
    Box::pin(async move {
        work_later().await;
        if depth == 0 { 0 } else { boxed_recursion(depth - 1).await + 1 }
    })
}
shape!(send boxed_recursion => 4 x Ok, { assert_eq!(boxed_recursion(3).await, 3) });

#[timed]
async fn async_outer(number: u8) -> Result<u8, u8> {
    #[timed]
    async fn async_inner(number: u8) -> Result<u8, u8> {
        #[timed]
        fn sync_innermost(number: u8) -> Option<u8> {
            super::driver::work();
            number.checked_sub(1)
        }
        work_later().await;
        sync_innermost(number).ok_or(number)
    }
    let first = async_inner(number).await?;
    async_inner(first).await
}
shape!(send async_nested => [
    send "async_outer" => 1 x Error,
    sync "sync_innermost" => 1 x Ok,
    send "async_inner" => 1 x Error
], { assert_eq!(async_outer(0).await, Err(0)) });

#[timed]
async fn async_question_marks(text: &str) -> std::io::Result<u8> {
    work_later().await;
    let number: u8 = text.parse().map_err(std::io::Error::other)?;
    give_way().await;
    Ok(number)
}
shape!(send async_question_marks => 2 x Error, {
    for text in ["x", "256"] {
        assert!(async_question_marks(text).await.is_err());
    }
});

#[timed]
async fn async_question_mark_on_an_option(text: &str) -> Option<char> {
    work_later().await;
    let first = text.chars().next()?;
    give_way().await;
    Some(first)
}
shape!(send async_question_mark_on_an_option => Ok, { assert_eq!(async_question_mark_on_an_option("").await, None) });

#[timed]
async fn async_early_return(numbers: &[u8]) -> Result<u8, Box<dyn std::error::Error + Send + Sync>> {
    for number in numbers {
        work_later().await;
        match number {
            0 => return Err("zero".into()),
            1 => return Ok(1),
            _ => {}
        }
    }
    let Some(last) = numbers.last() else {
        work_later().await;
        return Err("none".into());
    };
    Ok(*last)
}
shape!(send async_early_return => 2 x Error, {
    for (numbers, message) in [(&[2, 0, 1][..], "zero"), (&[], "none")] {
        assert_eq!(async_early_return(numbers).await.unwrap_err().to_string(), message);
    }
});

#[timed]
async fn async_return_of_nothing(seen: &Cell<u8>) {
    work_later().await;
    if seen.get() == 0 {
        return;
    }
    seen.set(9);
}
shape!(local async_return_of_nothing => Ok, {
    let seen = Cell::new(0);
    async_return_of_nothing(&seen).await;
    assert_eq!(seen.get(), 0);
});

#[timed]
async fn async_blocks_within(number: u8) -> u8 {
    work_later().await;
    let found: Result<u8, u8> = async {
        if number > 1 {
            return Err(number);
        }
        Err(number)?;
        Ok(0)
    }
    .await;
    let add = async |other: u8| {
        give_way().await;
        other + 1
    };
    add(found.unwrap_or_else(|number| number)).await
}
shape!(local async_blocks_within => Ok, { assert_eq!(async_blocks_within(2).await, 3) });

#[timed]
async fn async_labelled(limit: u8) -> u8 {
    work_later().await;
    'outer: loop {
        for step in 0.. {
            give_way().await;
            if step > limit {
                break 'outer step;
            }
        }
    }
}
shape!(send async_labelled => Ok, { assert_eq!(async_labelled(2).await, 3) });

#[timed]
async fn async_not_send(number: Rc<Cell<u8>>) -> u8 {
    let held = Rc::clone(&number);
    work_later().await;
    held.set(held.get() + 1);
    number.get()
}
shape!(local async_not_send => Ok, { assert_eq!(async_not_send(Rc::new(Cell::new(1))).await, 2) });

#[timed]
async fn async_generic_not_send<T: Clone>(value: T) -> (T, T) {
    work_later().await;
    (value.clone(), value)
}
shape!(local async_generic_not_send => 2 x Ok, {
    fn must_be_send<T: Send>(value: T) -> T {
        value
    }
    assert_eq!(must_be_send(async_generic_not_send(1)).await, (1, 1));
    assert_eq!(async_generic_not_send(Rc::new(1)).await, (Rc::new(1), Rc::new(1)));
});

#[timed]
async fn async_big_argument(mut bytes: [u8; 16_384], at: usize) -> [u8; 16_384] {
    work_later().await;
    bytes[at] = 1;
    bytes
}
shape!(send async_big_argument => Ok, {
    let bytes = async_big_argument([0; 16_384], 9_000).await;
    assert_eq!(bytes.iter().position(|byte| *byte == 1), Some(9_000));
});

#[timed]
async fn async_moves_in_part(pair: (String, String)) -> (String, usize) {
    work_later().await;
    let first = pair.0;
    give_way().await;
    (first, pair.1.len())
}
shape!(send async_moves_in_part => Ok, {
    assert_eq!(async_moves_in_part(("a".into(), "bc".into())).await, ("a".into(), 2));
});

#[timed]
async fn async_locals_across_waits(numbers: &[u8]) -> u8 {
    let mut copy = numbers.to_vec();
    let largest = copy.iter_mut().max().unwrap();
    work_later().await;
    *largest += 1;
    give_way().await;
    copy.iter().sum()
}
shape!(send async_locals_across_waits => Ok, { assert_eq!(async_locals_across_waits(&[1, 2]).await, 4) });

#[timed]
async fn r#await(r#type: u8) -> u8 {
    work_later().await;
    r#type
}
shape!(send async_raw_identifiers as "await" => Ok, { assert_eq!(r#await(1).await, 1) });

#[timed]
async fn async_passed_as_a_value(number: u8) -> u8 {
    work_later().await;
    number + 1
}
shape!(local async_passed_as_a_value => 2 x Ok, {
    async fn each<F: Future<Output = u8>>(call: impl Fn(u8) -> F) -> u8 {
        call(1).await + call(2).await
    }
    assert_eq!(each(async_passed_as_a_value).await, 5);
});

#[timed]
async fn async_passed_as_an_async_fn(text: &str) -> usize {
    work_later().await;
    text.len()
}
shape!(local async_passed_as_an_async_fn => 2 x Ok, {
    async fn each(call: impl AsyncFn(&str) -> usize) -> usize {
        let text = String::from("a");
        call(&text).await + call("bc").await
    }
    assert_eq!(each(async_passed_as_an_async_fn).await, 3);
});

#[timed]
async fn async_result_of_a_future(number: u8) -> impl Future<Output = u8> {
    work_later().await;
    async move { number }
}
shape!(send async_result_of_a_future => Ok, { assert_eq!(async_result_of_a_future(1).await.await, 1) });

#[derive(Debug, Default, PartialEq)]
struct Store(Vec<u8>);

impl Store {
    #[timed]
    async fn async_constructor(first: u8) -> Result<Self, u8> {
        work_later().await;
        if first == 0 { Err(first) } else { Ok(Self(vec![first])) }
    }

    #[timed]
    async fn async_by_reference(&self) -> Option<&u8> {
        work_later().await;
        self.0.first()
    }

    #[timed]
    async fn async_reborrowing(&mut self, at: usize) -> &mut u8 {
        work_later().await;
        if at >= self.0.len() {
            self.0.resize(at + 1, 0);
        }
        &mut self.0[at]
    }

    #[timed]
    async fn async_method_with_an_argument(&self, others: &[u8]) -> usize {
        work_later().await;
        self.0.iter().filter(|value| others.contains(value)).count()
    }

    #[timed]
    async fn async_by_value(mut self, value: u8) -> Self {
        work_later().await;
        self.0.push(value);
        self
    }

    #[timed]
    async fn async_by_box(self: Box<Self>) -> Vec<u8> {
        work_later().await;
        self.0
    }

    #[timed]
    async fn async_by_arc(self: Arc<Self>) -> usize {
        work_later().await;
        Arc::strong_count(&self)
    }

    #[timed]
    async fn async_by_reference_to_arc(self: &Arc<Self>) -> Arc<Self> {
        work_later().await;
        Arc::clone(self)
    }

    #[timed]
    async fn async_by_pin(self: Pin<&mut Self>, value: u8) -> usize {
        work_later().await;
        let this = self.get_mut();
        this.0.push(value);
        this.0.len()
    }

    #[timed]
    async fn async_chained(&mut self, value: u8) -> Result<&mut Self, u8> {
        work_later().await;
        if value == 0 {
            return Err(value);
        }
        self.0.push(value);
        Ok(self)
    }
}
shape!(send async_constructor => Error, { assert_eq!(Store::async_constructor(0).await, Err(0)) });
shape!(send async_by_reference => Ok, { assert_eq!(Store(vec![1]).async_by_reference().await, Some(&1)) });
shape!(send async_reborrowing => Ok, {
    let mut store = Store::default();
    *store.async_reborrowing(1).await = 5;
    assert_eq!(store.0, [0, 5]);
});
shape!(send async_method_with_an_argument => Ok, {
    assert_eq!(Store(vec![1, 2]).async_method_with_an_argument(&[2, 3]).await, 1);
});
shape!(send async_by_value => Ok, { assert_eq!(Store::default().async_by_value(1).await.0, [1]) });
shape!(send async_by_box => Ok, { assert_eq!(Box::new(Store(vec![1])).async_by_box().await, [1]) });
shape!(send async_by_arc => Ok, { assert_eq!(Arc::new(Store::default()).async_by_arc().await, 1) });
shape!(send async_by_reference_to_arc => Ok, {
    let store = Arc::new(Store::default());
    assert_eq!(Arc::strong_count(&store.async_by_reference_to_arc().await), 2);
});
shape!(send async_by_pin => Ok, { assert_eq!(Pin::new(&mut Store::default()).async_by_pin(4).await, 1) });
shape!(send async_chained => 2 x Ok, {
    let mut store = Store::default();
    store.async_chained(1).await.unwrap().async_chained(2).await.unwrap();
    assert_eq!(store.0, [1, 2]);
});

impl<'text> Reader<'text> {
    #[timed]
    async fn async_outlives_its_receiver(&self) -> &'text str {
        work_later().await;
        self.0
    }
}
shape!(send async_outlives_its_receiver => Ok, {
    let text = { Reader("a").async_outlives_its_receiver().await };
    assert_eq!(text, "a");
});

struct Generic<T>(T);

impl<T: Clone + Send + Sync> Generic<T> {
    #[timed]
    async fn async_generic_method<U>(&self, change: impl Fn(T) -> U + Send) -> U
    where
        U: Send,
    {
        work_later().await;
        change(self.0.clone())
    }
}
shape!(send async_generic_method => Ok, { assert_eq!(Generic(1_u8).async_generic_method(u16::from).await, 1) });
