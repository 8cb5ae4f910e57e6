//! What a layer around an axum service costs its requests: ours beside peers, in one run, on one machine.
//!
//! ```text
//! settings ─► rounds ─► a server for each contender ◄─ requests ─► values ─► bars ─► a page of tables
//! ```

mod settings;
mod service;
mod contender;
mod server;
mod processor;
mod served;
mod load;
mod rounds;
mod bars;
mod report;

use harness::Error;
use harness::memory::Counting;

use crate::settings::Settings;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn main() -> Result<(), Error> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    if let [served::CHILD, contender, directory] =
        arguments.iter().map(String::as_str).collect::<Vec<_>>()[..]
    {
        return server::run(contender::find(contender)?, directory.as_ref());
    }
    let settings = Settings::read(&arguments)?;
    let values = rounds::run(&settings)?;
    let page = report::render(&settings, &values)?;
    page.publish(settings.output.as_deref())
}
