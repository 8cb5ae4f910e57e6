//! Ours: the files of a program that says `tachograph::init`, without the console and the exporter.

use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use ::tachograph::{Console, Telemetry, with_request_id};
use tracing::{info, info_span};

use super::{Contender, Running};
use crate::event::{Fields, MESSAGE, REQUEST_ID, ROUTE};
use harness::Error;

pub(crate) const BLOCK: Contender = Contender {
    name: "tachograph",
    written: "`tachograph::init`, rotation at 50 MiB",
    packages: &["tachograph"],
    environment: &[],
    start,
    request,
    event,
};

pub(crate) const DROP: Contender = Contender {
    name: "tachograph-drop",
    written: "the same with `LOG_OVERFLOW=drop`",
    environment: &[("LOG_OVERFLOW", "drop")],
    ..BLOCK
};

pub(crate) const SPOOL: Contender = Contender {
    name: "tachograph-spool",
    written: "the same with `LOG_DURABILITY=spool`",
    environment: &[("LOG_DURABILITY", "spool")],
    ..BLOCK
};

const LONG: Duration = Duration::from_secs(60);

fn start(directory: &Path) -> Result<Running, Error> {
    let builder = ::tachograph::builder("app").log_dir(directory).level("info").log_backups(1_000);
    let telemetry = Rc::new(builder.console(Console::Off).metrics_addr("off").install()?);
    let told = Rc::clone(&telemetry);
    Ok(Running {
        flush: Box::new(move || telemetry.flush(LONG).expect("the disk has room")),
        told: Box::new(move || dropped(&told)),
    })
}

/// By what the metrics page says of the main log.
fn dropped(telemetry: &Telemetry) -> u64 {
    let page = telemetry.render();
    let lines = page.lines().filter(|line| line.starts_with(r#"tachograph_log_dropped_total{log="main""#));
    lines.filter_map(|line| line.rsplit_once(' ')?.1.parse::<f64>().ok()).sum::<f64>() as u64
}

fn request(body: &mut dyn FnMut()) {
    with_request_id(REQUEST_ID, || info_span!("request", route = ROUTE).in_scope(body));
}

fn event(number: u64) {
    let Fields { number, path, bytes, elapsed_ms, cached } = Fields::of(number);
    info!(number, path, bytes, elapsed_ms, cached, "{MESSAGE}");
}
