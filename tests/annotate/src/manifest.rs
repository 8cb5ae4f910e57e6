//! The package's `Cargo.toml`, changed by appending only.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

/// Makes a copied package its own workspace: it lies within another one.
pub(crate) fn detach(folder: &Path) -> Result<(), String> {
    append(folder, "\n[workspace]\n")
}

/// Adds this repository's runtime as a library would: measured, without logs and exporter.
pub(crate) fn depend(folder: &Path) -> Result<(), String> {
    let runtime = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../runtime");
    let runtime = runtime.to_str().ok_or("this repository's path is not Unicode")?;
    let path = runtime.replace('\\', "/");
    append(
        folder,
        &format!(
            "\n[dependencies.tachograph]\npath = \"{path}\"\ndefault-features = false\nfeatures = [\"on\"]\n"
        ),
    )
}

fn append(folder: &Path, text: &str) -> Result<(), String> {
    let path = folder.join("Cargo.toml");
    let mut options = OpenOptions::new();
    let appended = options.append(true).open(&path).and_then(|mut file| file.write_all(text.as_bytes()));
    appended.map_err(|error| format!("{}: {error}", path.display()))
}
