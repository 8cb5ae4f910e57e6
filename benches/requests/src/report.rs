//! The page of tables.

use std::fmt::Write;
use std::process::Command;

use crate::Error;
use crate::bars;
use crate::contender;
use crate::settings::Settings;
use crate::values::Values;

const LOCK: &str = include_str!("../../Cargo.lock");

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

pub(crate) fn render(settings: &Settings, values: &Values) -> Result<String, Error> {
    let mut page = String::new();
    heading(&mut page, settings)?;
    bars(&mut page, values)?;
    for table in TABLES {
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
    writeln!(page, "# Requests beside their peers\n")?;
    writeln!(
        page,
        "- Command: `cargo run --release --manifest-path benches/requests/Cargo.toml{arguments}`"
    )?;
    writeln!(page, "- Date: {}", printed("date", "-I")?)?;
    writeln!(
        page,
        "- Machine: {}, {} processors, Linux {}",
        model.map_or("unknown processor", |(_, model)| model),
        std::thread::available_parallelism()?,
        printed("uname", "-r")?,
    )?;
    writeln!(page, "- Compiler: {}", printed("rustc", "-V")?)?;
    writeln!(
        page,
        "- Rounds: {}, interleaved and shuffled, every contender in a process of its own; medians, in brackets the \
         quartiles of the rounds\n",
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

fn tabulate(
    page: &mut String,
    settings: &Settings,
    values: &Values,
    (heading, text, end): (&str, &str, &str),
) -> Result<(), Error> {
    let titles = COLUMNS.map(|(title, _)| title).join(" | ");
    writeln!(page, "\n## {heading}\n\n{text}\n")?;
    writeln!(page, "| contender | {titles} |\n|---|{}", "---:|".repeat(COLUMNS.len()))?;
    for contender in contender::ALL.into_iter().filter(|contender| settings.takes(contender.name)) {
        let cell = |(_, name): (&str, &str)| {
            let name = format!("{name}{end}");
            let at = |share| values.quantile(contender.name, &name, share).map(|value| format!("{value:.1}"));
            let Some(median) = at(0.5) else { return "–".to_owned() };
            match (at(0.25), at(0.75)) {
                (Some(first), Some(third)) if first != third => format!("{median} ({first}–{third})"),
                _ => median,
            }
        };
        writeln!(page, "| {} | {} |", contender.name, COLUMNS.map(cell).join(" | "))?;
    }
    Ok(())
}
