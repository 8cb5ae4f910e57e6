//! Calls everything, and sees that it was counted.
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use hostile::{bare, parameters, shadows};

fn now<T>(future: impl Future<Output = T>) -> T {
    let mut future: Pin<Box<dyn Future<Output = T> + '_>> = Box::pin(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("nothing here waits"),
    }
}

fn main() {
    shadows::unit();
    assert_eq!(shadows::number(7), 7);
    assert_eq!(shadows::parse("7"), Ok(7));
    assert!(shadows::parse("").is_err());
    assert!(shadows::parse("x").is_err());
    assert_eq!(now(shadows::parse_later("7".into(), String::new(), (1, 2))), Ok(10));
    assert!(now(shadows::parse_later("x".into(), String::new(), (1, 2))).is_err());
    assert_eq!(now(shadows::borrowed("text", &mut 1)), 4);
    assert_eq!(now(shadows::made(7)), 7);
    assert_eq!(now(shadows::boxed(7)), 7);
    assert_eq!(shadows::inherits().map(|id| id.len()), Some(36));
    assert_eq!(shadows::scoped("order-17").as_deref(), Some("order-17"));
    assert_eq!(now(shadows::scoped_later(7)), 7);
    assert_eq!(shadows::block(7), 8);
    assert_eq!(shadows::records(7), 7);
    assert_eq!(now(parameters::parameters("a".into(), 1, 2, "b".into())), 5);
    assert_eq!(shadows::Store.one(), 1);
    assert_eq!(now(shadows::Store.two()), 2);
    assert_eq!(bare::bare_parse("7"), Ok(7));
    assert_eq!(now(bare::bare_parse_later("7".into())), Ok(7));
    assert_eq!(bare::bare_request(7), 7);
    for function in tachograph::functions() {
        let calls = tachograph::Outcome::ALL.map(|outcome| function.calls(outcome));
        println!("{} {} {:?}", function.module(), function.function(), calls);
    }
}
