//! The page of tables.

use std::fmt::Write;
use std::process::Command;

use recording::{Error, load};

use crate::bars;
use crate::contender;
use crate::figures::Figure;
use crate::settings::Settings;
use crate::values::Values;

const LOCK: &str = include_str!("../../Cargo.lock");

/// A heading, the figure it is about, what to say, and its columns: title, name of the value, divisor, decimals.
type Table = (&'static str, Figure, &'static str, &'static [(&'static str, &'static str, f64, usize)]);

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

pub(crate) fn render(settings: &Settings, values: &Values) -> Result<String, Error> {
    let mut page = String::new();
    heading(&mut page, settings)?;
    bars(&mut page, values)?;
    for table in TABLES.iter().filter(|(_, figure, ..)| settings.figures.contains(figure)) {
        tabulate(&mut page, settings, values, table)?;
    }
    Ok(page)
}

fn heading(page: &mut String, settings: &Settings) -> Result<(), Error> {
    let printed = |program: &str, argument: &str| -> Result<String, Error> {
        Ok(String::from_utf8(Command::new(program).arg(argument).output()?.stdout)?.trim().to_owned())
    };
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let processors = read("/proc/cpuinfo");
    let model = processors.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let clock = read("/sys/devices/system/clocksource/clocksource0/current_clocksource");
    let arguments = if settings.arguments.is_empty() { "" } else { &format!(" -- {}", settings.arguments) };
    writeln!(page, "# Recording beside its peers\n")?;
    writeln!(
        page,
        "- Command: `cargo run --release --manifest-path benches/recording/Cargo.toml{arguments}`"
    )?;
    writeln!(page, "- Date: {}", printed("date", "-I")?)?;
    writeln!(
        page,
        "- Machine: {}, {} processors, Linux {}, clock source {}",
        model.map_or("unknown processor", |(_, model)| model),
        load::processors(),
        printed("uname", "-r")?,
        clock.trim()
    )?;
    writeln!(page, "- Compiler: {}", printed("rustc", "-V")?)?;
    writeln!(
        page,
        "- Rounds: {}, interleaved and shuffled, every figure of every contender in a process of its own; medians, \
         in brackets the quartiles of the rounds; ratios are taken within a round\n",
        settings.rounds
    )?;
    writeln!(page, "| contender | as written | versions |\n|---|---|---|")?;
    for contender in contender::ALL.into_iter().filter(|contender| settings.takes(contender.name)) {
        let versions: Vec<_> = contender.packages.iter().map(|package| version(package)).collect();
        writeln!(page, "| {} | {} | {} |", contender.name, contender.written, versions.join(", "))?;
    }
    Ok(())
}

/// A package as the lock file has it.
fn version(package: &str) -> String {
    let name = format!("name = \"{package}\"\nversion = \"");
    let version = LOCK.split_once(&name).and_then(|(_, rest)| rest.split_once('"'));
    format!("{package} {}", version.map_or("unknown", |(version, _)| version))
}

fn bars(page: &mut String, values: &Values) -> Result<(), Error> {
    writeln!(page, "\n## Bars\n\n| bar | measured | met |\n|---|---|---|")?;
    for bar in bars::of(values) {
        let met = if bar.is_met { "yes" } else { "**no**" };
        writeln!(page, "| {} | {} | {met} |", bar.promise, bar.measured)?;
    }
    Ok(())
}

fn tabulate(page: &mut String, settings: &Settings, values: &Values, table: &Table) -> Result<(), Error> {
    let (heading, figure, text, columns) = table;
    let titles: Vec<_> = columns.iter().map(|(title, ..)| *title).collect();
    writeln!(page, "\n## {heading}\n\n{text}\n")?;
    writeln!(page, "| contender | {} |\n|---|{}", titles.join(" | "), "---:|".repeat(columns.len()))?;
    for contender in figure.contenders().into_iter().filter(|contender| settings.takes(contender)) {
        let cell = |&(_, name, divisor, decimals): &(&str, &str, f64, usize)| {
            let Some(median) = values.median(contender, name) else { return "–".to_owned() };
            let text = |value: f64| format!("{:.decimals$}", value / divisor);
            match values.quartiles(contender, name) {
                Some((first, third)) if text(first) != text(third) => {
                    format!("{} ({}–{})", text(median), text(first), text(third))
                }
                _ => text(median),
            }
        };
        let cells: Vec<_> = columns.iter().map(cell).collect();
        writeln!(page, "| {contender} | {} |", cells.join(" | "))?;
    }
    Ok(())
}
