//! The page of tables.

use harness::Error;
use harness::page::{Column, Page};
use harness::values::Values;

use crate::bars;
use crate::contender;
use crate::figure::Figure;
use crate::settings::Settings;

/// A heading, the figure it is about, what to say and its columns.
type Table = (&'static str, Figure, &'static str, &'static [Column<'static>]);

const TABLES: [Table; 3] = [
    (
        "One thread at full speed",
        Figure::Burst,
        "*mean* is what an event takes its producer by the wall clock, *CPU of the producer* the same in processor time. *events/s* \
         is to the end of the flush, *CPU* the processor time of all threads, in the kernel too. Memory is the most that was \
         resident less what was after the start.",
        &[
            ("mean, ns", "mean", 1.0, 0),
            ("CPU of the producer, ns", "mean-cpu", 1.0, 0),
            ("k events/s", "rate-1", 1e3, 0),
            ("CPU, ns", "cpu", 1.0, 0),
            ("memory, MB", "resident", 1e6, 1),
            ("lost", "burst-lost", 1.0, 0),
            ("torn", "burst-torn", 1.0, 0),
            ("doubled", "burst-doubled", 1.0, 0),
            ("lost less told", "burst-untold", 1.0, 0),
        ],
    ),
    (
        "Four threads at full speed",
        Figure::Threads,
        "To the end of the flush.",
        &[
            ("k events/s", "rate-4", 1e3, 0),
            ("CPU, ns", "cpu-4", 1.0, 0),
            ("lost", "threads-lost", 1.0, 0),
            ("torn", "threads-torn", 1.0, 0),
            ("doubled", "threads-doubled", 1.0, 0),
            ("lost less told", "threads-untold", 1.0, 0),
        ],
    ),
    (
        "One event every 20 µs, ns for its producer",
        Figure::Paced,
        "By the wall clock, with one reading of it.",
        &[
            ("median", "p50", 1.0, 0),
            ("p99", "p99", 1.0, 0),
            ("p99.9", "p999", 1.0, 0),
            ("lost", "paced-lost", 1.0, 0),
        ],
    ),
];

pub(crate) fn render(settings: &Settings, values: &Values) -> Result<Page, Error> {
    let contenders = || contender::ALL.into_iter().filter(|contender| settings.takes(contender.name));
    let mut page = Page::new("Logging beside its peers", "logging", &settings.arguments)?;
    page.note(format_args!(
        "Rounds: {}, interleaved and shuffled, every figure of every contender in a process of its own, {} events \
         each, a twentieth of them at a pace; medians, in brackets the quartiles of the rounds; ratios are taken within a round",
        settings.rounds, settings.events
    ))?;
    page.note(
        "Event: a message and five fields (two integers, a float, a text, a truth value), in a span with one field and a \
         request with an id; every line of every file is parsed and counted afterwards",
    )?;
    page.contenders("as set up", contenders().map(|it| (it.name, it.written, it.packages)))?;
    page.bars(&bars::of(values))?;
    for (heading, _, text, columns) in
        TABLES.iter().filter(|(_, figure, ..)| settings.figures.contains(figure))
    {
        page.table((heading, text), columns, contenders().map(|it| it.name), values)?;
    }
    Ok(page)
}
