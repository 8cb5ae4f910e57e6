//! The published source of a crate, copied to where it may be changed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use crate::process;
use crate::request::Wanted;

const LIMIT: Duration = Duration::from_secs(600);

/// What is only for the crate's authors: another toolchain, flags, newer or older dependencies.
const UNWANTED: [&str; 4] = ["rust-toolchain", "rust-toolchain.toml", ".cargo", "Cargo.lock"];

/// The places of one run, all in the target directory.
pub(crate) struct Folders {
    root: PathBuf,
}

impl Folders {
    pub(crate) fn new() -> Result<Self, String> {
        let mut command = cargo(Path::new(env!("CARGO_MANIFEST_DIR")));
        let metadata = json(command.args(["metadata", "--no-deps", "--format-version", "1"]))?;
        let target = metadata["target_directory"].as_str().ok_or("cargo names no target directory")?;
        Ok(Self { root: Path::new(target).join("annotate") })
    }

    /// A folder of a crate, for one purpose.
    pub(crate) fn of(&self, purpose: &str, name: &str) -> PathBuf {
        self.root.join(purpose).join(name)
    }

    /// Where everything is built: dependencies that crates share are built once.
    pub(crate) fn build(&self) -> PathBuf {
        self.root.join("build")
    }
}

/// The source of a crate as cargo keeps it.
pub(crate) struct Published {
    pub(crate) folder: PathBuf,
    pub(crate) version: String,
}

/// Lets cargo fetch a crate, as a dependency of a package that is there for nothing else.
pub(crate) fn fetch(wanted: &Wanted, folders: &Folders) -> Result<Published, String> {
    let folder = folders.of("fetch", &wanted.name);
    let requirement = wanted.version.as_ref().map_or_else(|| "*".to_owned(), |version| format!("={version}"));
    let manifest = format!(
        "[package]\nname = \"fetching\"\nedition = \"2024\"\n[lib]\npath = \"lib.rs\"\n[workspace]\n\
         [dependencies.wanted]\npackage = \"{}\"\nversion = \"{requirement}\"\n",
        wanted.name
    );
    empty(&folder)?;
    write(&folder.join("Cargo.toml"), &manifest)?;
    write(&folder.join("lib.rs"), "")?;
    let metadata = json(cargo(&folder).args(["metadata", "--format-version", "1"]))?;
    let packages = metadata["packages"].as_array().ok_or("cargo names no packages")?;
    // Another version of the same crate may be among its dependencies; the newest is the one asked for.
    let found = packages.iter().filter(|package| package["name"] == *wanted.name);
    let mut found = found.filter(|package| {
        wanted.version.as_ref().is_none_or(|version| plain(&package["version"]) == plain_version(version))
    });
    let package = found.next_back().ok_or_else(|| format!("cargo did not fetch {}", wanted.name))?;
    let manifest = package["manifest_path"].as_str().ok_or("cargo names no manifest")?;
    let folder = Path::new(manifest).parent().ok_or("a manifest without a folder")?.to_owned();
    Ok(Published { folder, version: package["version"].as_str().unwrap_or("").to_owned() })
}

fn plain(version: &Value) -> &str {
    plain_version(version.as_str().unwrap_or(""))
}

/// A version without its build metadata, which a requirement does not name.
fn plain_version(version: &str) -> &str {
    version.split('+').next().unwrap_or(version)
}

/// Copies a package to where it may be changed, without what is only for its authors.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<(), String> {
    empty(to)?;
    copy_folder(from, to, &UNWANTED)
}

fn copy_folder(from: &Path, to: &Path, without: &[&str]) -> Result<(), String> {
    let failed = |error| format!("{}: {error}", from.display());
    fs::create_dir_all(to).map_err(failed)?;
    for entry in fs::read_dir(from).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let (path, copy) = (entry.path(), to.join(entry.file_name()));
        if without.iter().any(|name| entry.file_name() == *name) {
            continue;
        }
        if path.is_dir() {
            copy_folder(&path, &copy, &[])?;
        } else {
            fs::copy(&path, &copy).map_err(failed)?;
        }
    }
    Ok(())
}

fn empty(folder: &Path) -> Result<(), String> {
    let failed = |error| format!("{}: {error}", folder.display());
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(failed)?;
    }
    fs::create_dir_all(folder).map_err(failed)
}

pub(crate) fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

pub(crate) fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}

/// The cargo that runs this tool, at work in a folder.
pub(crate) fn cargo(folder: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(folder);
    // What cargo told this tool about this tool's own package is no news for another package's build and tests.
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            command.env_remove(name.as_ref());
        }
    }
    command
}

fn json(command: &mut Command) -> Result<Value, String> {
    let finished = process::run(command, LIMIT)?;
    if !finished.success() {
        return Err(format!("{command:?}: {}\n{}", finished.ending(), finished.stderr));
    }
    serde_json::from_str(&finished.stdout).map_err(|error| format!("{command:?}: {error}"))
}
