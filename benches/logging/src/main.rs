//! What a log event costs its producer and the machine, and what is lost of it: ours beside peers, in one run, on one
//! machine.
//!
//! ```text
//! settings ─► rounds ─► a process for each figure of each contender ─► values ─► bars ─► a page of tables
//! ```

mod settings;
mod event;
mod contender;
mod figure;
mod outcome;
mod usage;
mod rounds;
mod bars;
mod report;

use harness::Error;

use crate::figure::Figure;
use crate::settings::Settings;

fn main() -> Result<(), Error> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match &arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [rounds::CHILD, figure, contender, events] => {
            return Figure::of(figure)?.measure(contender::find(contender)?, events.parse()?);
        }
        [rounds::PROBE, contender] => return rounds::probe(contender::find(contender)?),
        _ => {}
    }
    let settings = Settings::read(&arguments)?;
    let values = rounds::run(&settings)?;
    let page = report::render(&settings, &values)?;
    page.publish(settings.output.as_deref())
}
