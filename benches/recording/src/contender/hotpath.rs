//! `hotpath`, with its workers at work and no report at the end.

use hotpath::{Format, HotpathGuardBuilder};
use recording::Error;
use recording::work::{Answer, mix, wait_once};

use super::{Contender, Render, calls};

pub(crate) const HOTPATH: Contender = Contender {
    name: "hotpath",
    written: "`#[hotpath::measure]`",
    packages: &["hotpath"],
    start,
    calls: calls!(),
};

fn start() -> Result<Render, Error> {
    let guard = HotpathGuardBuilder::new("recording").format(Format::None).build();
    Ok(Box::new(move || {
        let _kept = &guard;
        String::new()
    }))
}

#[hotpath::measure]
#[inline(never)]
fn work(number: u64) -> Answer {
    mix(number)
}

#[hotpath::measure]
async fn ready(number: u64) -> Answer {
    mix(number)
}

#[hotpath::measure]
async fn waiting(number: u64) -> Answer {
    wait_once().await;
    mix(number)
}
