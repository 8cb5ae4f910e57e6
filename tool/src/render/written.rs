//! Files appear whole or not at all: Alertmanager may read them at any time.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::fault::Fault;

/// Writes a file that everybody may read.
pub(crate) fn file(path: &Path, text: &str) -> Result<(), Fault> {
    write(path, text, 0o644)
}

/// Writes a file that only its owner may read.
pub(crate) fn secret(path: &Path, text: &str) -> Result<(), Fault> {
    write(path, text, 0o600)
}

fn write(path: &Path, text: &str, mode: u32) -> Result<(), Fault> {
    let written = || -> io::Result<()> {
        if let Some(directory) = path.parent() {
            fs::create_dir_all(directory)?;
        }
        let partial = path.with_extension(format!("partial-{}", std::process::id()));
        let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&partial)?;
        let whole = file.write_all(text.as_bytes()).and_then(|()| fs::rename(&partial, path));
        whole.inspect_err(|_| drop(fs::remove_file(&partial)))
    };
    written().map_err(|error| Fault::of(path, format!("cannot be written: {error}")))
}
