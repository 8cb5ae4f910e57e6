//! The page of tables.

use std::fmt::{self, Display, Write};
use std::path::Path;
use std::process::Command;

use crate::Error;
use crate::values::Values;

const LOCK: &str = include_str!("../../Cargo.lock");

/// What the project holds itself to, and whether what was measured keeps it.
#[derive(Debug)]
pub struct Bar {
    pub promise: String,
    pub measured: String,
    pub is_met: bool,
}

/// Of a table: title, name of the value, divisor, decimals.
pub type Column<'a> = (&'a str, &'a str, f64, usize);

/// A page of Markdown.
#[derive(Debug)]
pub struct Page(String);

impl Page {
    /// Begins with what was run, when, and on what.
    ///
    /// # Errors
    /// Where the programs that tell it cannot be run.
    pub fn new(title: &str, package: &str, arguments: &str) -> Result<Self, Error> {
        let printed = |program: &str, argument: &str| -> Result<String, Error> {
            Ok(String::from_utf8(Command::new(program).arg(argument).output()?.stdout)?.trim().to_owned())
        };
        let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
        let cpuinfo = read("/proc/cpuinfo");
        let model = cpuinfo.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
        let clock = read("/sys/devices/system/clocksource/clocksource0/current_clocksource");
        let load: Vec<_> = read("/proc/loadavg").split_whitespace().take(3).map(str::to_owned).collect();
        let arguments = if arguments.is_empty() { "" } else { &format!(" -- {arguments}") };
        let mut page = Self(format!("# {title}\n\n"));
        page.note(format_args!(
            "Command: `cargo run --release --manifest-path benches/{package}/Cargo.toml{arguments}`"
        ))?;
        page.note(format_args!("Date: {}", printed("date", "-I")?))?;
        page.note(format_args!(
            "Machine: {}, {} processors, Linux {}, clock source {}",
            model.map_or("unknown processor", |(_, model)| model),
            // Of the machine: the process may have been kept on some.
            cpuinfo.lines().filter(|line| line.starts_with("processor")).count(),
            printed("uname", "-r")?,
            clock.trim()
        ))?;
        page.note(format_args!(
            "Load of the machine at the end, over 1, 5 and 15 minutes: {}",
            load.join(", ")
        ))?;
        page.note(format_args!("Compiler: {}", printed("rustc", "-V")?))?;
        Ok(page)
    }

    /// Prints it, and writes it to a file as well.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn publish(&self, output: Option<&Path>) -> Result<(), Error> {
        print!("{self}");
        let Some(output) = output else { return Ok(()) };
        let write = || {
            output.parent().map_or(Ok(()), std::fs::create_dir_all)?;
            std::fs::write(output, &self.0)
        };
        write().map_err(|error| format!("{}: {error}", output.display()).into())
    }

    /// Notes one thing more about how it was measured.
    ///
    /// # Errors
    /// Of `Display`.
    pub fn note(&mut self, note: impl Display) -> fmt::Result {
        writeln!(self.0, "- {note}")
    }

    /// Tells of each contender its name, how it stands, and the packages that it is made of.
    ///
    /// # Errors
    /// None but those of `Display`.
    pub fn contenders<'a>(
        &mut self,
        how: &str,
        rows: impl IntoIterator<Item = (&'a str, &'a str, &'a [&'a str])>,
    ) -> fmt::Result {
        writeln!(self.0, "\n| contender | {how} | versions |\n|---|---|---|")?;
        for (name, written, packages) in rows {
            let versions: Vec<_> = packages.iter().map(|package| version(package)).collect();
            writeln!(self.0, "| {name} | {written} | {} |", versions.join(", "))?;
        }
        Ok(())
    }

    /// Tells what is kept.
    ///
    /// # Errors
    /// None but those of `Display`.
    pub fn bars(&mut self, bars: &[Bar]) -> fmt::Result {
        writeln!(self.0, "\n## Bars\n\n| bar | measured | met |\n|---|---|---|")?;
        for bar in bars {
            let met = if bar.is_met { "yes" } else { "**no**" };
            writeln!(self.0, "| {} | {} | {met} |", bar.promise, bar.measured)?;
        }
        Ok(())
    }

    /// Adds a table: a row for each contender, medians, and in brackets the quartiles where they differ.
    ///
    /// # Errors
    /// None but those of `Display`.
    pub fn table<'a>(
        &mut self,
        (heading, text): (&str, &str),
        columns: &[Column<'_>],
        contenders: impl IntoIterator<Item = &'a str>,
        values: &Values,
    ) -> fmt::Result {
        let titles: Vec<_> = columns.iter().map(|(title, ..)| *title).collect();
        writeln!(self.0, "\n## {heading}\n\n{text}\n")?;
        writeln!(self.0, "| contender | {} |\n|---|{}", titles.join(" | "), "---:|".repeat(columns.len()))?;
        for contender in contenders {
            let cells: Vec<_> = columns.iter().map(|column| cell(values, contender, column)).collect();
            writeln!(self.0, "| {contender} | {} |", cells.join(" | "))?;
        }
        Ok(())
    }
}

impl Display for Page {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

fn cell(values: &Values, contender: &str, &(_, name, divisor, decimals): &Column<'_>) -> String {
    let at = |share| {
        values.quantile(contender, name, share).map(|value| format!("{:.decimals$}", value / divisor))
    };
    let Some(median) = at(0.5) else { return "–".to_owned() };
    match (at(0.25), at(0.75)) {
        (Some(first), Some(third)) if first != third => format!("{median} ({first}–{third})"),
        _ => median,
    }
}

/// A package as the lock file has it; of two versions the later one.
fn version(package: &str) -> String {
    let name = format!("name = \"{package}\"\nversion = \"");
    let version = LOCK.rsplit_once(&name).and_then(|(_, rest)| rest.split_once('"'));
    format!("{package} {}", version.map_or("unknown", |(version, _)| version))
}
