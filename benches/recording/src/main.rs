//! What a measured call costs, what is kept of it and what a scrape takes: ours beside peers, in one run, on one
//! machine.
//!
//! ```text
//! settings ─► rounds ─► a process for each figure of each contender ─► values ─► bars ─► a page of tables
//! ```

mod settings;
mod contender;
mod figures;
mod figure;
mod rounds;
mod bars;
mod report;

use recording::Error;
use recording::effort::Effort;

use crate::figures::Figure;
use crate::settings::Settings;

fn main() -> Result<(), Error> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    if let [rounds::CHILD, figure, contender, effort] =
        &arguments.iter().map(String::as_str).collect::<Vec<_>>()[..]
    {
        return Figure::of(figure)?.measure(contender, &Effort::named(effort));
    }
    let settings = Settings::read(&arguments)?;
    let values = rounds::run(&settings)?;
    let page = report::render(&settings, &values)?;
    page.publish(settings.output.as_deref())
}
