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
fn what_an_async_body_holds_is_dropped_in_its_request_however_it_ends() {
    use std::sync::{Arc, Mutex};

    struct Witness(Arc<Mutex<Option<String>>>);
    impl Drop for Witness {
        fn drop(&mut self) {
            *self.0.lock().unwrap() = request_id();
        }
    }

    #[request_scoped(id = id)]
    async fn holds(_witness: Witness, id: &str, polls: u32) {
        let mut left = polls;
        std::future::poll_fn(|_| {
            left -= 1;
            if left == 0 { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }

    for polls in [1, 2] {
        let seen = Arc::new(Mutex::new(None));
        let mut future = Box::pin(holds(Witness(Arc::clone(&seen)), "held", polls));
        let polled = future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert_eq!(polled.is_ready(), polls == 1);
        drop(future);
        assert_eq!(seen.lock().unwrap().as_deref(), Some("held"));
        assert_eq!(request_id(), None);
    }
}

#[test]
fn ids_are_in_the_order_of_time_whichever_thread_makes_them() {
    use std::sync::mpsc::channel;

    // Far beyond the time for which a reading of the wall clock serves.
    const UNTIL: std::time::Duration = std::time::Duration::from_millis(100);
    /// The characters of what tells the time.
    fn time(id: &RequestId) -> String {
        id.to_string()[..18].to_owned()
    }

    let ((to, from_here), (back, from_there)) = (channel::<RequestId>(), channel());
    let other = std::thread::spawn(move || {
        for id in from_here {
            let next = RequestId::new();
            assert!(time(&next) >= time(&id), "{next} was made after {id}");
            if back.send(next).is_err() {
                break;
            }
        }
    });
    let started = std::time::Instant::now();
    while started.elapsed() < UNTIL {
        let id = RequestId::new();
        to.send(id.clone()).unwrap();
        let next = from_there.recv().unwrap();
        assert!(time(&next) >= time(&id));
        let after = RequestId::new();
        assert!(time(&after) >= time(&next), "{after} was made after {next}");
    }
    drop(to);
    other.join().unwrap();
}

/// Also where `init` has not been called, and nobody is told of a fork.
#[test]
#[cfg(unix)]
fn a_process_that_forks_and_its_copy_make_different_ids() {
    use std::io::{Read, Write, pipe};

    /// The characters that are random.
    const RANDOM: std::ops::RangeFrom<usize> = 20..;

    // From here on the thread has random numbers of its own.
    RequestId::new();
    let (mut from_copy, mut to_original) = pipe().unwrap();
    // SAFETY: the copy makes an id, writes it to a pipe and ends.
    let copy = unsafe { libc::fork() };
    let id = RequestId::new().to_string();
    if copy == 0 {
        let is_written = to_original.write_all(id.as_bytes()).is_ok();
        // SAFETY: it ends the copy, and runs nothing of the original's.
        unsafe { libc::_exit(i32::from(!is_written)) }
    }
    assert!(copy > 0, "{}", std::io::Error::last_os_error());
    drop(to_original);
    let mut of_copy = String::new();
    from_copy.read_to_string(&mut of_copy).unwrap();
    // SAFETY: it waits for the copy made above.
    assert_eq!(unsafe { libc::waitpid(copy, std::ptr::null_mut(), 0) }, copy);
    assert_eq!(of_copy.len(), 36);
    assert_ne!(of_copy[RANDOM], id[RANDOM]);
}

#[test]
fn the_current_id_is_read_as_it_is() {
    assert_eq!(RequestId::current(), None);
    let id = RequestId::new();
    tachograph::with_request_id(&id, || assert_eq!(RequestId::current().as_ref(), Some(&id)));
    tachograph::with_request_id("order-17", || {
        assert_eq!(RequestId::current(), RequestId::parse("order-17"))
    });
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

#[test]
fn rayon_works_in_the_request_that_gave_it_the_work() {
    use rayon::prelude::*;
    use tachograph::{Context, in_context};

    // Threads of its own: whoever made a request before leaves nothing on them.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
    let seen = tachograph::with_request_id("order-17", || {
        // The closure is run by a thread of the pool, which hands parts of it to the others.
        pool.install(in_context(|| {
            let context = Context::current();
            let mut seen: Vec<_> = (0..1_000)
                .into_par_iter()
                .map(context.clone().wrap_each(|item: u32| (item, request_id())))
                .map(|(_, id)| id)
                .collect();
            let (left, right) =
                rayon::join(context.clone().wrap(request_id), context.clone().wrap(request_id));
            seen.extend([left, right]);
            let (sender, spawned) = std::sync::mpsc::channel();
            rayon::scope(|scope| {
                let job = context.clone().wrap(move || sender.send(request_id()).unwrap());
                scope.spawn(|_| job());
            });
            seen.extend(spawned);
            seen.push(request_id());
            seen
        }))
    });
    assert_eq!(seen.len(), 1_004);
    assert!(seen.iter().all(|id| id.as_deref() == Some("order-17")), "{seen:?}");
    assert!(
        pool.broadcast(|_| request_id()).iter().all(Option::is_none),
        "the threads of the pool left it again"
    );
}
