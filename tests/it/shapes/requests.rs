//! Functions that are a request as well: the call is within it, whichever attribute stands above.

use std::future::Future;
use std::panic::Location;
use std::pin::Pin;

use async_trait::async_trait;
use futures_util::future::BoxFuture;
use tachograph::{request_id, request_scoped, timed};

use super::driver::{drop_after_polls, give_way, panic_of, panic_of_future, work, work_later};

fn id() -> String {
    request_id().map(|id| id.to_string()).unwrap_or_default()
}

#[request_scoped(id = given)]
#[timed]
fn request_above(given: &str) -> Result<String, String> {
    work();
    Err(id())
}
shape!(sync request_above => Error, {
    assert_eq!(request_above("from-above"), Err("from-above".into()));
    assert_eq!(id(), "");
});

#[timed]
#[request_scoped(id = given)]
fn request_below(given: &str) -> Result<String, String> {
    work();
    Err(id())
}
shape!(sync request_below => Error, { assert_eq!(request_below("from-below"), Err("from-below".into())) });

#[request_scoped(id = given)]
#[timed]
async fn async_request_above(given: String) -> String {
    work_later().await;
    give_way().await;
    id()
}
shape!(send async_request_above => Ok, {
    assert_eq!(async_request_above("from-above".into()).await, "from-above");
    assert_eq!(id(), "");
});

#[timed]
#[request_scoped(id = given)]
async fn async_request_below(given: Option<&str>) -> Result<String, String> {
    work_later().await;
    give_way().await;
    Err(id())
}
shape!(send async_request_below => Error, {
    assert_eq!(async_request_below(Some("from-below")).await, Err("from-below".into()));
});

#[request_scoped(new)]
#[timed]
#[track_caller]
fn tracked_request(early: bool) -> Result<u32, String> {
    work();
    if early {
        return Err(id());
    }
    Ok(Location::caller().line())
}
shape!(sync tracked_request => Ok, { assert_eq!(tracked_request(false), Ok(line!())) });

#[timed]
#[request_scoped(id = "of-a-panic")]
fn request_that_panics() -> ! {
    work();
    panic!("{}", id())
}
shape!(sync request_that_panics => Panic, {
    assert_eq!(panic_of(|| request_that_panics()), "of-a-panic");
    assert_eq!(id(), "");
});

#[request_scoped(id = "of-a-panic")]
#[timed]
async fn async_request_that_panics() -> u8 {
    work_later().await;
    panic!("{}", id())
}
shape!(send async_request_that_panics => Panic, {
    assert_eq!(panic_of_future(async_request_that_panics()).await, "of-a-panic");
    assert_eq!(id(), "");
});

#[timed]
#[request_scoped]
async fn async_request_that_is_dropped(seen: &mut String) {
    *seen = id();
    std::future::pending().await
}
shape!(send async_request_that_is_dropped => Cancelled, {
    let mut seen = String::new();
    drop_after_polls(2, async_request_that_is_dropped(&mut seen)).await;
    assert_eq!((seen.len(), id().as_str()), (36, ""));
});

#[request_scoped(id = given)]
#[timed]
fn impl_future_of_a_request(given: &str) -> impl Future<Output = String> + Send + use<> {
    async {
        work_later().await;
        give_way().await;
        id()
    }
}
shape!(send impl_future_of_a_request => Ok, { assert_eq!(impl_future_of_a_request("given").await, "given") });

#[timed]
#[request_scoped(id = given)]
fn boxed_future_of_a_request<'a>(
    given: &'a str,
) -> Pin<Box<dyn Future<Output = Result<String, &'a str>> + Send + 'a>> {
    Box::pin(async move {
        work_later().await;
        if id() == given { Err(given) } else { Ok(id()) }
    })
}
shape!(send boxed_future_of_a_request => Error, {
    assert_eq!(boxed_future_of_a_request("given").await, Err("given"));
});

#[async_trait]
trait Handles {
    async fn handled_by_async_trait(&self, given: &str) -> Result<String, String>;
    fn handled_by_hand(&self, given: String) -> BoxFuture<'_, String>;
}

#[async_trait]
impl Handles for u8 {
    #[request_scoped(id = given)]
    #[timed]
    async fn handled_by_async_trait(&self, given: &str) -> Result<String, String> {
        work_later().await;
        Err(format!("{} {self}", id()))
    }

    #[timed]
    #[request_scoped(id = given)]
    fn handled_by_hand(&self, given: String) -> BoxFuture<'_, String> {
        Box::pin(async move {
            work_later().await;
            format!("{} {self}", id())
        })
    }
}
shape!(send handled_by_async_trait => Error, {
    assert_eq!(7_u8.handled_by_async_trait("given").await, Err("given 7".into()));
});
shape!(send handled_by_hand => Ok, { assert_eq!(7_u8.handled_by_hand("given".into()).await, "given 7") });

struct Store(Vec<String>);

impl Store {
    #[request_scoped(id = given)]
    #[timed]
    fn request_of_a_method(&mut self, given: &str) -> &mut String {
        work();
        self.0.push(id());
        &mut self.0[0]
    }

    #[timed]
    #[request_scoped(id = given)]
    async fn async_request_of_a_method<T: Default>(&mut self, given: &str) -> (&mut String, T) {
        work_later().await;
        self.0.push(id());
        (&mut self.0[0], T::default())
    }
}
shape!(sync request_of_a_method => Ok, {
    let mut store = Store(vec![]);
    store.request_of_a_method("given").push('!');
    assert_eq!(store.0, ["given!"]);
});
shape!(send async_request_of_a_method => Ok, {
    let mut store = Store(vec![]);
    store.async_request_of_a_method::<u8>("given").await.0.push('!');
    assert_eq!(store.0, ["given!"]);
});

#[request_scoped(id = "outer")]
#[timed]
async fn async_outer_request() -> [String; 3] {
    #[timed]
    #[request_scoped(id = "inner")]
    async fn async_inner_request() -> String {
        work_later().await;
        id()
    }
    let before = id();
    let within = async_inner_request().await;
    [before, within, id()]
}
shape!(send nested_requests => [
    send "async_outer_request" => 1 x Ok,
    send "async_inner_request" => 1 x Ok
], { assert_eq!(async_outer_request().await, ["outer", "inner", "outer"]) });
