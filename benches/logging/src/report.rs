//! The page of tables.

use std::fmt::Write;
use std::process::Command;

use crate::Error;
use crate::bars;
use crate::contender;
use crate::figure::Figure;
use crate::settings::Settings;
use crate::values::Values;

const LOCK: &str = include_str!("../../Cargo.lock");

/// A heading, the figure it is about, what to say, and its columns: title, name of the value, divisor, decimals.
type Table = (&'static str, Figure, &'static str, &'static [(&'static str, &'static str, f64, usize)]);

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
    let processors = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = processors.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let arguments = if settings.arguments.is_empty() { "" } else { &format!(" -- {}", settings.arguments) };
    writeln!(page, "# Logging beside its peers\n")?;
    writeln!(page, "- Command: `cargo run --release --manifest-path benches/logging/Cargo.toml{arguments}`")?;
    writeln!(page, "- Date: {}", printed("date", "-I")?)?;
    writeln!(
        page,
        "- Machine: {}, {} processors, Linux {}",
        model.map_or("unknown processor", |(_, model)| model),
        std::thread::available_parallelism()?,
        printed("uname", "-r")?,
    )?;
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    writeln!(page, "- Load of the machine at the end, over 1, 5 and 15 minutes: {}", first_words(&load, 3))?;
    writeln!(page, "- Compiler: {}", printed("rustc", "-V")?)?;
    writeln!(
        page,
        "- Rounds: {}, interleaved and shuffled, every figure of every contender in a process of its own, {} events \
         each, a twentieth of them at a pace; medians, in brackets the quartiles of the rounds; ratios are taken within a round",
        settings.rounds, settings.events
    )?;
    writeln!(
        page,
        "- Event: a message and five fields (two integers, a float, a text, a truth value), in a span with one field and a \
         request with an id; every line of every file is parsed and counted afterwards\n"
    )?;
    writeln!(page, "| contender | as set up | versions |\n|---|---|---|")?;
    for contender in contender::ALL.into_iter().filter(|contender| settings.takes(contender.name)) {
        let versions: Vec<_> = contender.packages.iter().map(|package| version(package)).collect();
        writeln!(page, "| {} | {} | {} |", contender.name, contender.written, versions.join(", "))?;
    }
    Ok(())
}

fn first_words(text: &str, count: usize) -> String {
    text.split_whitespace().take(count).collect::<Vec<_>>().join(", ")
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
    let (heading, _, text, columns) = table;
    let titles: Vec<_> = columns.iter().map(|(title, ..)| *title).collect();
    writeln!(page, "\n## {heading}\n\n{text}\n")?;
    writeln!(page, "| contender | {} |\n|---|{}", titles.join(" | "), "---:|".repeat(columns.len()))?;
    for contender in contender::ALL.into_iter().filter(|contender| settings.takes(contender.name)) {
        let cell = |&(_, name, divisor, decimals): &(&str, &str, f64, usize)| {
            let at = |share| values.quantile(contender.name, name, share);
            let text = |value: f64| format!("{:.decimals$}", value / divisor);
            let Some(median) = at(0.5).map(text) else { return "–".to_owned() };
            match (at(0.25).map(text), at(0.75).map(text)) {
                (Some(first), Some(third)) if first != third => format!("{median} ({first}–{third})"),
                _ => median,
            }
        };
        let cells: Vec<_> = columns.iter().map(cell).collect();
        writeln!(page, "| {} | {} |", contender.name, cells.join(" | "))?;
    }
    Ok(())
}
