//! A `Ulid`, which is ordered by the millisecond, in a variable of the task.

use ::ulid::Ulid;
use tokio::task_local;

use super::{Calls, Contender, nothing_to_start, repeat, repeat_future};

pub(crate) const ULID: Contender = Contender {
    name: "ulid-task-local",
    written: "`Ulid::new()`, `tokio::task_local!`",
    packages: &["ulid", "tokio"],
    start: nothing_to_start,
    calls: Calls {
        request: Some(|calls| repeat(calls, request)),
        ready: Some(|calls| repeat_future(calls, |number| REQUEST.scope(Ulid::new(), ready(number)))),
        id: Some(|calls| repeat(calls, |_| Ulid::new())),
        read: Some(|calls| REQUEST.sync_scope(Ulid::new(), || repeat(calls, |_| REQUEST.get()))),
    },
};

task_local! {
    static REQUEST: Ulid;
}

#[inline(never)]
fn request(number: u64) -> u64 {
    REQUEST.sync_scope(Ulid::new(), || number)
}

async fn ready(number: u64) -> u64 {
    number
}
