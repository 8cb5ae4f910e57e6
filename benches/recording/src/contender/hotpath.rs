//! `hotpath`, with its workers at work and no report at the end.

use std::any::Any;

use hotpath::{Format, HotpathGuardBuilder};
use recording::Error;
use recording::work::{Answer, mix, wait_once};

use super::{Contender, calls};

pub(crate) const HOTPATH: Contender = Contender {
    name: "hotpath",
    written: "`#[hotpath::measure]`",
    packages: &["hotpath"],
    start,
    calls: calls!(),
};

fn start() -> Result<Box<dyn Any>, Error> {
    Ok(Box::new(HotpathGuardBuilder::new("recording").format(Format::None).build()))
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
