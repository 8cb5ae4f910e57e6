//! A `Uuid` in a variable of the task.

use tokio::task_local;
use uuid::Uuid;

use super::{Calls, Contender, nothing_to_start, repeat, repeat_future};

pub(crate) const UUID: Contender = Contender {
    name: "uuid-task-local",
    written: "`Uuid::now_v7()`, `tokio::task_local!`",
    packages: &["uuid", "tokio"],
    start: nothing_to_start,
    calls: Calls {
        request: Some(|calls| repeat(calls, request)),
        ready: Some(|calls| repeat_future(calls, |number| REQUEST.scope(Uuid::now_v7(), ready(number)))),
        id: Some(|calls| repeat(calls, |_| Uuid::now_v7())),
        read: Some(|calls| REQUEST.sync_scope(Uuid::now_v7(), || repeat(calls, |_| REQUEST.get()))),
    },
};

task_local! {
    static REQUEST: Uuid;
}

#[inline(never)]
fn request(number: u64) -> u64 {
    REQUEST.sync_scope(Uuid::now_v7(), || number)
}

async fn ready(number: u64) -> u64 {
    number
}
