//! The page of tables.

use harness::Error;
use harness::page::{Column, Page};
use harness::values::Values;

use crate::bars;
use crate::contender;
use crate::figures::Figure;
use crate::settings::Settings;

/// A heading, the figure it is about, what to say and its columns.
type Table = (&'static str, Figure, &'static str, &'static [Column<'static>]);

const TABLES: [Table; 9] = [
    (
        "An annotated call, ns of processor time above the bare function",
        Figure::Calls,
        "In the clocks of the calling threads: what a contender leaves to threads of its own, and sleep for a lock, \
         is not in it. *ready* is an async function that never waits, *waiting* one that is pending once.",
        &[
            ("sync 1 T", "sync-1", 1.0, 1),
            ("2 T", "sync-2", 1.0, 1),
            ("4 T", "sync-4", 1.0, 1),
            ("ready 1 T", "ready-1", 1.0, 1),
            ("4 T", "ready-4", 1.0, 1),
            ("waiting 1 T", "waiting-1", 1.0, 1),
            ("4 T", "waiting-4", 1.0, 1),
            ("sync 1 T above the TSC pair", "sync-1-above-floor", 1.0, 1),
            ("bare function", "sync-1-bare", 1.0, 1),
        ],
    ),
    (
        "The same by the wall clock",
        Figure::Calls,
        "Wall time × the lesser of threads and processors ÷ calls, above the bare function. Whatever else the machine \
         runs is in it.",
        &[
            ("sync 1 T", "sync-1-wall", 1.0, 1),
            ("2 T", "sync-2-wall", 1.0, 1),
            ("4 T", "sync-4-wall", 1.0, 1),
            ("ready 1 T", "ready-1-wall", 1.0, 1),
            ("4 T", "ready-4-wall", 1.0, 1),
        ],
    ),
    (
        "A value into a histogram whose handle is at hand, ns",
        Figure::Record,
        "tachograph and the exporter by a handle of the `metrics` facade, without a clock; *floor* is such a handle that does \
         nothing. *end*: what `#[timed]` does when it has read the clock, one right after the other; within calls it waits for \
         less.",
        &[
            ("1 T", "record-1", 1.0, 1),
            ("2 T", "record-2", 1.0, 1),
            ("4 T", "record-4", 1.0, 1),
            ("end 1 T", "end-1", 1.0, 1),
            ("4 T", "end-4", 1.0, 1),
        ],
    ),
    (
        "1,000 functions in random order, ns of processor time above the bare functions",
        Figure::Cold,
        "*evicted*: between two passes the thread reads 4 MiB of other data. tachograph has 12 bounds of its own.",
        &[
            ("1 T", "cold-1", 1.0, 1),
            ("4 T", "cold-4", 1.0, 1),
            ("evicted 1 T", "evicted-1", 1.0, 1),
            ("evicted 4 T", "evicted-4", 1.0, 1),
        ],
    ),
    (
        "Memory, bytes for a function and thread",
        Figure::Footprint,
        "Growth of anonymous resident memory over 1,000 functions × 4 threads; bytes asked of the allocator.",
        &[
            ("resident, one call", "footprint-once", 1.0, 0),
            ("resident, four octaves", "footprint-octaves", 1.0, 0),
            ("asked", "footprint-asked", 1.0, 0),
        ],
    ),
    (
        "A scrape of functions that 4 threads called",
        Figure::Render,
        "Histograms of 12 bounds and the counters of outcomes. Processor time of one rendering; allocations of a later one.",
        &[
            ("100, ms", "render-100", 1.0, 3),
            ("1,000, ms", "render-1000", 1.0, 3),
            ("100, allocations", "render-100-allocations", 1.0, 0),
            ("1,000, allocations", "render-1000-allocations", 1.0, 0),
            ("1,000, kB", "render-1000-bytes", 1e3, 0),
        ],
    ),
    (
        "99th percentile, % above the exact one",
        Figure::Quantile,
        "Of the same 8,000 calls, each timed from outside as well. The last column is the worst of a round.",
        &[
            ("log-normal", "quantile-log-normal", 1.0, 2),
            ("narrow", "quantile-narrow", 1.0, 2),
            ("log-uniform", "quantile-log-uniform", 1.0, 2),
            ("two-peaked", "quantile-two-peaked", 1.0, 2),
            ("worst", "quantile", 1.0, 2),
        ],
    ),
    (
        "Lost calls, 4 threads, the page rendered all the time",
        Figure::Loss,
        "Calls made less durations counted on the page afterwards. Measured once.",
        &[("made", "loss-made", 1.0, 0), ("lost", "loss", 1.0, 0), ("pages", "loss-scrapes", 1.0, 0)],
    ),
    (
        "Growth of memory without a scrape, all processors at full speed",
        Figure::Memory,
        "The most that was resident less what was after the first calls; stopped at 4 GiB. Measured once.",
        &[
            ("MB", "memory", 1e6, 2),
            ("seconds", "memory-seconds", 1.0, 1),
            ("million calls", "memory-calls", 1e6, 1),
        ],
    ),
];

pub(crate) fn render(settings: &Settings, values: &Values) -> Result<Page, Error> {
    let mut page = Page::new("Recording beside its peers", "recording", &settings.arguments)?;
    page.note(format_args!(
        "Rounds: {}, interleaved and shuffled, every figure of every contender in a process of its own; medians, \
         in brackets the quartiles of the rounds; ratios are taken within a round",
        settings.rounds
    ))?;
    let contenders = contender::ALL.into_iter().filter(|contender| settings.takes(contender.name));
    page.contenders("as written", contenders.map(|it| (it.name, it.written, it.packages)))?;
    page.bars(&bars::of(values))?;
    for (heading, figure, text, columns) in
        TABLES.iter().filter(|(_, figure, ..)| settings.figures.contains(figure))
    {
        let contenders = figure.contenders().into_iter().filter(|contender| settings.takes(contender));
        page.table((heading, text), columns, contenders, values)?;
    }
    Ok(page)
}
