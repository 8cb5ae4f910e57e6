//! Our own telemetry as a measurement needs it: installed, with its files out of the way.

use std::path::PathBuf;

use tachograph::{Console, Telemetry};

use crate::Error;

/// Installed telemetry and the directory of its log files, which goes with it.
pub struct Installed {
    pub telemetry: Telemetry,
    directory: PathBuf,
}

pub fn install() -> Result<Installed, Error> {
    let directory = std::env::temp_dir().join(format!("recording-{}", std::process::id()));
    let builder = tachograph::builder("recording").log_dir(&directory).level("info");
    let telemetry = builder.console(Console::Off).metrics_addr("off").install()?;
    Ok(Installed { telemetry, directory })
}

impl Drop for Installed {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}
