//! What a request with an id of its own costs, and what it costs to read the id: ours beside peers, in one run, on one
//! machine.
//!
//! ```text
//! settings ─► rounds ─► a process for each contender ─► values ─► bars ─► a page of tables
//! ```

mod settings;
mod contender;
mod figure;
mod rounds;
mod bars;
mod report;

use harness::Error;

use crate::settings::Settings;

fn main() -> Result<(), Error> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    if let [rounds::CHILD, contender] = arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        figure::measure(contender::find(contender)?);
        return Ok(());
    }
    let settings = Settings::read(&arguments)?;
    let values = rounds::run(&settings)?;
    let page = report::render(&settings, &values)?;
    page.publish(settings.output.as_deref())
}
