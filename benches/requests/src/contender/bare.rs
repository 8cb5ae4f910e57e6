//! The functions alone, without a request.

use super::{Calls, Contender, nothing_to_start, repeat, repeat_future};

pub(crate) const BARE: Contender = Contender {
    name: "bare",
    written: "the functions alone",
    packages: &[],
    start: nothing_to_start,
    calls: Calls {
        request: Some(|calls| repeat(calls, request)),
        ready: Some(|calls| repeat_future(calls, ready)),
        id: None,
        read: None,
    },
};

#[inline(never)]
fn request(number: u64) -> u64 {
    number
}

async fn ready(number: u64) -> u64 {
    number
}
