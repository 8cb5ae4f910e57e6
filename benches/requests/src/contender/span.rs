//! A `Uuid` as a field of a span, which is what most programs have. The id cannot be read back from there.

use std::io;

use tracing::{Instrument, info_span};
use uuid::Uuid;

use super::{Calls, Contender, repeat, repeat_future};

pub(crate) const UUID: Contender = Contender {
    name: "uuid-span",
    written: "`info_span!(\"request\", request_id = %Uuid::now_v7())`, `tracing_subscriber::fmt().json()`",
    packages: &["uuid", "tracing", "tracing-subscriber"],
    start,
    calls: Calls {
        request: Some(|calls| repeat(calls, request)),
        ready: Some(|calls| repeat_future(calls, in_span)),
        id: None,
        read: None,
    },
};

fn start() {
    tracing_subscriber::fmt().json().with_writer(io::sink).init();
}

#[inline(never)]
fn request(number: u64) -> u64 {
    info_span!("request", request_id = %Uuid::now_v7()).in_scope(|| number)
}

fn in_span(number: u64) -> impl Future<Output = u64> {
    ready(number).instrument(info_span!("request", request_id = %Uuid::now_v7()))
}

async fn ready(number: u64) -> u64 {
    number
}
