//! The command `tachograph`.

mod fault;
mod yaml;
mod promql;
mod pack;
mod check;
mod mutate;
mod token;
mod render;
mod redact;
mod program;
mod rules;
mod dashboards;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::fault::Faults;

/// Prepares and proves the alert pack of tachograph.
#[derive(Parser)]
#[command(name = "tachograph", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Check(check::Arguments),
    Rules(rules::Arguments),
    Dashboards(dashboards::Arguments),
    Mutate(mutate::Arguments),
    Render(render::Arguments),
    Redact(redact::Arguments),
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(faults) => {
            eprint!("{faults}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<(), Faults> {
    match command {
        Command::Check(arguments) => check::run(&arguments),
        Command::Rules(arguments) => rules::run(&arguments),
        Command::Dashboards(arguments) => dashboards::run(&arguments),
        Command::Mutate(arguments) => mutate::run(&arguments),
        Command::Render(arguments) => render::run(&arguments),
        Command::Redact(arguments) => redact::run(&arguments),
    }
}
