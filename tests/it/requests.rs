//! A request's id is seen by everything that the request causes.

use std::future::Future;
use std::task::{Context, Poll, Waker};

use tachograph::{RequestId, request_id, request_scoped, timed};

fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = Box::pin(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return output;
        }
    }
}

#[request_scoped(id = id)]
fn handle(id: Option<&str>) -> Option<String> {
    request_id()
}

#[request_scoped]
fn inherits() -> Option<String> {
    request_id()
}

#[request_scoped(new)]
fn renews() -> Option<String> {
    request_id()
}

#[test]
fn a_given_id_is_taken_and_left_again() {
    assert_eq!(handle(Some("order-17")).as_deref(), Some("order-17"));
    assert_eq!(request_id(), None);
}

#[test]
fn an_invalid_or_absent_id_gives_way_to_the_current_one_else_to_a_new_one() {
    tachograph::with_request_id("outer", || {
        assert_eq!(handle(Some("a b")).as_deref(), Some("outer"));
        assert_eq!(handle(None).as_deref(), Some("outer"));
        assert_eq!(inherits().as_deref(), Some("outer"));
    });
    let (first, second) = (handle(None).unwrap(), inherits().unwrap());
    assert_eq!((first.len(), second.len()), (36, 36));
    assert_ne!(first, second);
}

#[test]
fn new_always_makes_an_id() {
    tachograph::with_request_id("outer", || assert_eq!(renews().unwrap().len(), 36));
}

#[test]
fn what_can_be_an_id_is_given_as_it_is() {
    #[request_scoped(id = id)]
    fn given(id: impl tachograph::ToRequestId) -> String {
        request_id().unwrap()
    }

    let id = RequestId::new();
    assert_eq!(given(&id), id.to_string());
    assert_eq!(given(Some(id.clone())), id.to_string());
    assert_eq!(given(Some(String::from("a"))), "a");
    assert_eq!(given(Some(&String::from("b"))), "b");
    assert_eq!(given(std::borrow::Cow::Borrowed("c")), "c");
}

#[test]
fn an_async_body_keeps_its_id_over_awaits_and_threads() {
    #[request_scoped(id = id)]
    async fn travels(id: String) -> [Option<String>; 2] {
        let before = request_id();
        let mut polls = 0;
        std::future::poll_fn(|_| {
            polls += 1;
            if polls < 3 { Poll::Pending } else { Poll::Ready(()) }
        })
        .await;
        [before, request_id()]
    }

    let mut future = Box::pin(travels("far".into()));
    assert!(future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    assert_eq!(request_id(), None);
    let seen = std::thread::spawn(move || block_on(future)).join().unwrap();
    assert_eq!(seen, [Some("far".to_owned()), Some("far".to_owned())]);
}

#[test]
fn either_order_of_the_attributes_puts_the_call_inside_the_request() {
    #[timed]
    #[request_scoped(id = id)]
    async fn timed_first(id: &str) -> Option<String> {
        request_id()
    }

    #[request_scoped(id = id, fields(id))]
    #[timed]
    async fn scoped_first(id: &str) -> Option<String> {
        request_id()
    }

    assert_eq!(block_on(timed_first("a")).as_deref(), Some("a"));
    assert_eq!(block_on(scoped_first("b")).as_deref(), Some("b"));
}

#[test]
fn what_is_spawned_from_a_request_stays_in_it() {
    #[request_scoped]
    async fn job() -> Option<String> {
        request_id()
    }

    let spawned =
        tachograph::with_request_id("parent", || std::thread::spawn(|| ()).join().map(|()| job()).unwrap());
    assert_eq!(block_on(spawned).as_deref(), Some("parent"));
}
