//! The process of one contender: it serves on a port of its own, and does what its measurer says.

use std::io::{BufRead, stdin};
use std::net::Ipv4Addr;
use std::path::Path;
use std::thread;

use harness::Error;
use harness::memory;

use crate::contender::{Contender, Recorded};
use crate::processor::{Side, stay_on};

/// To count allocations from now on.
pub(crate) const COUNT: &str = "count";
/// To say how many were counted, and how many requests the contender has told of.
pub(crate) const TELL: &str = "tell";

/// Serves with a runtime of one thread, until its measurer is gone.
pub(crate) fn run(contender: &Contender, directory: &Path) -> Result<(), Error> {
    stay_on(Side::Server)?;
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        let running = (contender.start)(directory)?;
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        println!("{}", listener.local_addr()?);
        thread::spawn(move || {
            obey(&running.recorded);
            std::process::exit(0);
        });
        Ok(axum::serve(listener, running.router).await?)
    })
}

fn obey(recorded: &Recorded) {
    let mut before = 0;
    for line in stdin().lock().lines().map_while(Result::ok) {
        match line.as_str() {
            COUNT => before = memory::count_from_now().allocations,
            TELL => {
                let allocations = memory::counted().allocations - before;
                let recorded = recorded.as_ref().map_or(0, |recorded| recorded());
                println!("{allocations} {recorded}");
            }
            _ => return,
        }
    }
}
