//! The page of tables.

use harness::Error;
use harness::page::{Column, Page};
use harness::values::Values;

use crate::bars;
use crate::contender;
use crate::settings::Settings;

/// The tables: a heading, what to say, and the end of the names of its values.
const TABLES: [(&str, &str, &str); 2] = [
    (
        "Processor time of the calling threads, ns",
        "The whole call of a function that gives back its argument: nothing is taken off. *Ready* is an async function that \
         never waits, made and polled.",
        "",
    ),
    (
        "By the wall clock, ns",
        "Times the processors that the threads could have; what else the machine did, and sleep for a lock, is in it.",
        "-wall",
    ),
];

/// Title and name.
const COLUMNS: [(&str, &str); 8] = [
    ("request 1 T", "request-1"),
    ("4 T", "request-4"),
    ("ready 1 T", "ready-1"),
    ("4 T", "ready-4"),
    ("id made 1 T", "id-1"),
    ("4 T", "id-4"),
    ("id read 1 T", "read-1"),
    ("4 T", "read-4"),
];

pub(crate) fn render(settings: &Settings, values: &Values) -> Result<Page, Error> {
    let contenders = || contender::ALL.into_iter().filter(|contender| settings.takes(contender.name));
    let mut page = Page::new("Requests beside their peers", "requests", &settings.arguments)?;
    page.note(format_args!(
        "Rounds: {}, interleaved and shuffled, every contender in a process of its own; medians, in brackets the \
         quartiles of the rounds",
        settings.rounds
    ))?;
    page.contenders("as written", contenders().map(|it| (it.name, it.written, it.packages)))?;
    page.bars(&bars::of(values))?;
    for (heading, text, end) in TABLES {
        let names = COLUMNS.map(|(title, name)| (title, format!("{name}{end}")));
        let columns: Vec<Column<'_>> =
            names.iter().map(|(title, name)| (*title, name.as_str(), 1.0, 1)).collect();
        page.table((heading, text), &columns, contenders().map(|it| it.name), values)?;
    }
    Ok(page)
}
