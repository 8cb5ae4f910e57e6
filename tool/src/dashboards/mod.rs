//! `tachograph dashboards`: dashboards for Grafana from the list of names.

mod grafana;
mod metric;
mod catalogue;
mod of_program;

use std::fs;
use std::path::PathBuf;

use clap::Args;

use crate::fault::{Fault, Faults};
use crate::program::Program;

/// Writes dashboards for Grafana.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The folder to write those of the pack into.
    #[arg(long, default_value = "alerts/dashboards")]
    output: PathBuf,
    #[command(flatten)]
    program: Program,
    /// The job under which Prometheus scrapes the program.
    #[arg(long, default_value = "mirror")]
    job: String,
}

/// Writes all dashboards of the pack, each into a file of its own; where a program is named, prints the one that is of its
/// functions.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Faults> {
    if let Some(functions) = arguments.program.functions()? {
        print!("{}", of_program::dashboard(&arguments.job, &functions).json());
        return Ok(());
    }
    let folder = &arguments.output;
    let unwritable =
        |path: &PathBuf, error| Faults::from(Fault::of(path, format!("cannot be written: {error}")));
    fs::create_dir_all(folder).map_err(|error| unwritable(folder, error))?;
    for dashboard in catalogue::all() {
        let path = folder.join(format!("{}.json", dashboard.uid.trim_start_matches("tachograph-")));
        fs::write(&path, dashboard.json()).map_err(|error| unwritable(&path, error))?;
    }
    Ok(())
}
