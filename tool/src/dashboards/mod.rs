//! `tachograph dashboards`: dashboards for Grafana from the list of names.

mod grafana;
mod metric;
mod catalogue;

use std::fs;
use std::path::PathBuf;

use clap::Args;

use crate::fault::{Fault, Faults};

/// Writes dashboards for Grafana.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The folder to write them into.
    #[arg(long, default_value = "alerts/dashboards")]
    output: PathBuf,
}

/// Writes all dashboards of the pack, each into a file of its own.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Faults> {
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
