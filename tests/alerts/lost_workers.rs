//! A mirror of two processes loses the one that works, and what it works on.

use std::time::{Duration, Instant};

use tachograph_servers::target::temporary;

use crate::service::Service;
use crate::visitors::{Origin, Visitors};
use crate::watched::Watched;

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn dead_workers_and_an_origin_that_fails() {
    let (data, origin) = (temporary(), Origin::start());
    let mut api = Service::start("api", data.path(), None, &[]);
    let mut worker = Service::start("worker", data.path(), None, &[]);
    let _visitors = Visitors::start(api.api(), &origin);
    let address = worker.metrics();
    let watched = Watched::start(api.metrics(), &[("mirror", address)]);
    // A window of ten minutes that is full.
    watched
        .prometheus()
        .until("with many downloads", |it| it.query("sum(increase(downloads_total[20s])) > 50").pop());

    // A fifth of 20 seconds, and the 5 of `for`.
    let fault = Instant::now();
    origin.set_failing(true);
    watched.tells("HighDownloadFailureRate", fault, SECOND * (4 + 5));
    let mended = Instant::now();
    origin.set_failing(false);
    watched.tells_the_end_of("HighDownloadFailureRate", mended, SECOND * (20 + 5));

    let fault = Instant::now();
    worker.kill();
    watched.tells("WorkerDown", fault, SECOND * 3);
    watched.tells("ServiceDown", fault, SECOND * 2);
    let mended = Instant::now();
    let _worker = Service::start("worker", data.path(), Some(address), &[]);
    watched.tells_the_end_of("WorkerDown", mended, Duration::ZERO);
    watched.tells_the_end_of("ServiceDown", mended, Duration::ZERO);
}
