//! Ours.

use ::tachograph::{RequestId, request_scoped};

use super::{Calls, Contender, nothing_to_start, repeat, repeat_future};

pub(crate) const TACHOGRAPH: Contender = Contender {
    name: "tachograph",
    written: "`#[request_scoped(new)]`, `RequestId::new()`, `RequestId::current()`",
    packages: &["tachograph"],
    start: nothing_to_start,
    calls: Calls {
        request: Some(|calls| repeat(calls, request)),
        ready: Some(|calls| repeat_future(calls, ready)),
        id: Some(|calls| repeat(calls, |_| RequestId::new())),
        read: Some(read),
    },
};

#[request_scoped(new)]
#[inline(never)]
fn request(number: u64) -> u64 {
    number
}

#[request_scoped(new)]
async fn ready(number: u64) -> u64 {
    number
}

#[request_scoped(new)]
fn read(calls: u64) {
    repeat(calls, |_| RequestId::current());
}
