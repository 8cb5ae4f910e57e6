//! Functions that give a closure, which learns the types of its parameters from their return type.

use tachograph::{request_scoped, timed};

use super::driver::{work, work_later};

#[timed]
async fn closure_given_later(add: usize) -> impl Fn(&str) -> usize {
    work_later().await;
    move |text| text.len() + add
}
shape!(send closure_given_later => Ok, { assert_eq!(closure_given_later(1).await("ab"), 3) });

#[timed]
#[allow(clippy::needless_return, reason = "it is one of the places where a closure can stand")]
async fn closure_that_gives_what_it_borrows(from: usize) -> impl Fn(&str) -> &str + Send + Clone {
    work_later().await;
    return move |text| &text[from..];
}
shape!(send closure_that_gives_what_it_borrows => Ok, {
    let closure = closure_that_gives_what_it_borrows(1).await.clone();
    assert_eq!(closure("ab"), "b");
});

#[timed]
async fn closure_that_changes(mut number: u8) -> impl for<'a> FnMut(&'a mut u8, u8) -> &'a mut u8 {
    work_later().await;
    {
        move |changed, add| {
            number += add;
            *changed += number;
            changed
        }
    }
}
shape!(send closure_that_changes => Ok, {
    let (mut closure, mut number) = (closure_that_changes(1).await, 10);
    *closure(&mut number, 1) += 1;
    assert_eq!(number, 13);
});

#[timed]
async fn closure_called_once<T: Clone>(value: T) -> impl FnOnce(&T) -> (T, T) {
    work_later().await;
    let owned = value.clone();
    move |other| (owned, other.clone())
}
shape!(send closure_called_once => Ok, { assert_eq!(closure_called_once(1).await(&2), (1, 2)) });

#[timed]
async fn closure_given_without_waiting(add: usize) -> impl Fn(&str) -> usize {
    work();
    move |text| text.len() + add
}
shape!(send closure_given_without_waiting => Ok, {
    assert_eq!(closure_given_without_waiting(1).await("ab"), 3);
});

#[timed]
#[must_use = "somebody has to call it"]
async fn closure_given_by_an_async_fn(add: usize) -> impl Fn(&str) -> usize {
    work_later().await;
    move |text| text.len() + add
}
shape!(send closure_given_by_an_async_fn => Ok, {
    assert_eq!(closure_given_by_an_async_fn(1).await("ab"), 3);
});

#[timed(fields(add))]
fn closure_given_with_fields(add: usize) -> impl Fn(&str) -> usize {
    work();
    move |text| text.len() + add
}
shape!(sync closure_given_with_fields => Ok, { assert_eq!(closure_given_with_fields(1)("ab"), 3) });

#[request_scoped]
#[timed]
async fn closure_given_within_a_request(add: usize) -> impl Fn(&str) -> usize {
    work_later().await;
    move |text| text.len() + add
}
shape!(send closure_given_within_a_request => Ok, {
    assert_eq!(closure_given_within_a_request(1).await("ab"), 3);
});

struct Prefix<T>(T);

impl<T: AsRef<str> + Sync> Prefix<T> {
    #[timed]
    async fn closure_of_a_method(&self) -> impl Fn(&Self) -> Option<&str> {
        work_later().await;
        |other| other.0.as_ref().strip_prefix(self.0.as_ref())
    }
}
shape!(send closure_of_a_method => Ok, {
    let prefix = Prefix("a");
    assert_eq!(prefix.closure_of_a_method().await(&Prefix("ab")), Some("b"));
});
