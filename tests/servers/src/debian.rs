//! Debian's packages, downloaded and extracted into the target directory, never installed.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::target::target;

/// Extracts a package, the first time it is asked for, and gives the directory that stands for its `/`.
///
/// Its dependencies are not followed: whoever wants a program asks for its libraries as well.
pub fn extracted(package: &str) -> Result<PathBuf, String> {
    extracted_together(package, &[package])
}

/// The same for a program whose libraries are in packages of their own.
pub fn extracted_together(name: &str, packages: &[&str]) -> Result<PathBuf, String> {
    let cache = target().join("stack");
    let root = cache.join("debian").join(name);
    let described = |error: io::Error| format!("cannot prepare {}: {error}", root.display());

    fs::create_dir_all(cache.join("debian")).map_err(described)?;
    // Several tests, and several runs, may want it at once. The lock ends with the file or with the process.
    let lock = File::create(cache.join("lock")).map_err(described)?;
    lock.lock().map_err(described)?;
    // The name appears only when everything is in it.
    if !root.is_dir() {
        let partial = tempfile::tempdir_in(&cache).map_err(described)?;
        download(packages, partial.path(), &Lists::beside(&cache))?;
        let contents = partial.path().join("root");
        for archive in archives(partial.path())? {
            run(Command::new("dpkg-deb").arg("-x").arg(archive).arg(&contents))?;
        }
        fs::rename(&contents, &root).map_err(described)?;
    }
    Ok(root)
}

/// Downloads with the package lists of the machine, and with fresh ones of our own where those are missing or too old.
fn download(packages: &[&str], directory: &Path, lists: &Lists) -> Result<(), String> {
    let fetch = |options: &[String]| {
        run(Command::new("apt-get")
            .args(options)
            .args(["--quiet", "download"])
            .args(packages)
            .current_dir(directory))
    };
    fetch(&[]).or_else(|first| {
        let options = lists.options().map_err(|error| format!("{first}\nno lists of our own: {error}"))?;
        // It also fails where one of many sources does not answer. Whether the package is there, the download tells.
        let update = run(Command::new("apt-get").args(&options).args(["--quiet", "update"]));
        fetch(&options).map_err(|second| [first, update.err().unwrap_or_default(), second].join("\n"))
    })
}

/// Package lists that belong to us, so that neither root nor `apt-get update` is needed beforehand.
struct Lists {
    state: PathBuf,
    cache: PathBuf,
}

impl Lists {
    fn beside(cache: &Path) -> Self {
        Self { state: cache.join("apt/lists"), cache: cache.join("apt/cache") }
    }

    fn options(&self) -> io::Result<Vec<String>> {
        fs::create_dir_all(self.state.join("partial"))?;
        fs::create_dir_all(self.cache.join("archives/partial"))?;
        let option = |name: &str, value: &dyn std::fmt::Display| ["-o".to_owned(), format!("{name}={value}")];
        let options = [
            option("Dir::State::Lists", &self.state.display()),
            option("Dir::Cache", &self.cache.display()),
            // As root, apt would hand the directories to a user who may not enter the target directory.
            option("APT::Sandbox::User", &"root"),
        ];
        Ok(options.concat())
    }
}

fn archives(directory: &Path) -> Result<Vec<PathBuf>, String> {
    let entries =
        fs::read_dir(directory).map_err(|error| format!("cannot read {}: {error}", directory.display()))?;
    let paths = entries.flatten().map(|entry| entry.path());
    let archives: Vec<_> =
        paths.filter(|path| path.extension().is_some_and(|extension| extension == "deb")).collect();
    if archives.is_empty() {
        return Err(format!("apt-get downloaded no package into {}", directory.display()));
    }
    Ok(archives)
}

fn run(command: &mut Command) -> Result<(), String> {
    let output =
        command.env("LC_ALL", "C").output().map_err(|error| format!("cannot run {command:?}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!(
        "{command:?} ended with {}: {}",
        output.status,
        String::from_utf8_lossy(&output.stderr).trim()
    ))
}
