//! Ours: every call timed, and one in 64.

use recording::work::{Answer, mix, wait_once};
use recording::{Error, telemetry};
use tachograph::timed;

use super::{Contender, Render, calls};

pub(crate) const TIMED: Contender = Contender {
    name: "tachograph",
    written: "`#[timed]`",
    packages: &["tachograph"],
    start,
    calls: calls!(),
};

pub(crate) const SAMPLED: Contender = Contender {
    name: "tachograph-sampled",
    written: "`#[timed(sample = 64)]`",
    packages: &["tachograph"],
    start,
    calls: sampled::CALLS,
};

fn start() -> Result<Render, Error> {
    let installed = telemetry::install()?;
    Ok(Box::new(move || installed.telemetry.render()))
}

#[timed]
#[inline(never)]
fn work(number: u64) -> Answer {
    mix(number)
}

#[timed]
async fn ready(number: u64) -> Answer {
    mix(number)
}

#[timed]
async fn waiting(number: u64) -> Answer {
    wait_once().await;
    mix(number)
}

mod sampled {
    use super::*;

    pub(super) const CALLS: super::super::Calls = calls!();

    #[timed(sample = 64)]
    #[inline(never)]
    fn work(number: u64) -> Answer {
        mix(number)
    }

    #[timed(sample = 64)]
    async fn ready(number: u64) -> Answer {
        mix(number)
    }

    #[timed(sample = 64)]
    async fn waiting(number: u64) -> Answer {
        wait_once().await;
        mix(number)
    }
}
