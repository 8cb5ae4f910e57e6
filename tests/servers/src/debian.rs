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
    let lists = Lists::beside(&cache);
    prepared(&cache.join("debian").join(name), |directory| {
        // The lists of the machine, and fresh ones of our own where those are missing or too old.
        download(&[], packages, directory)
            .or_else(|first| lists.download(packages, directory).map_err(|second| [first, second].join("\n")))
    })
}

/// Gives a directory below the cache, and has it filled with the contents of packages the first time it is asked for.
pub(crate) fn prepared(
    root: &Path,
    fetch: impl FnOnce(&Path) -> Result<(), String>,
) -> Result<PathBuf, String> {
    let described = |error: io::Error| format!("cannot prepare {}: {error}", root.display());
    let cache = root.parent().expect("it lies below the cache");
    fs::create_dir_all(cache).map_err(described)?;
    // Several tests, and several runs, may want it at once. The lock ends with the file or with the process.
    let lock = File::create(cache.with_extension("lock")).map_err(described)?;
    lock.lock().map_err(described)?;
    // The name appears only when everything is in it.
    if !root.is_dir() {
        let partial = tempfile::tempdir_in(cache).map_err(described)?;
        fetch(partial.path())?;
        let contents = partial.path().join("root");
        for archive in archives(partial.path())? {
            run(Command::new("dpkg-deb").arg("-x").arg(archive).arg(&contents))?;
        }
        fs::rename(&contents, root).map_err(described)?;
    }
    Ok(root.to_owned())
}

fn download(options: &[String], packages: &[&str], directory: &Path) -> Result<(), String> {
    let mut command = Command::new("apt-get");
    run(command.args(options).args(["--quiet", "download"]).args(packages).current_dir(directory))
}

/// Package lists that belong to us, so that neither root nor `apt-get update` is needed beforehand.
pub(crate) struct Lists {
    state: PathBuf,
    cache: PathBuf,
    sources: Option<PathBuf>,
}

impl Lists {
    fn beside(cache: &Path) -> Self {
        Self { state: cache.join("apt/lists"), cache: cache.join("apt/cache"), sources: None }
    }

    /// Lists of a file of sources, in the directory of that file.
    pub(crate) fn of(sources: PathBuf) -> Self {
        let directory = sources.parent().expect("a file lies in a directory");
        Self { state: directory.join("lists"), cache: directory.join("cache"), sources: Some(sources) }
    }

    /// Downloads by the lists as they are, and after an update where they are missing or too old.
    pub(crate) fn download(&self, packages: &[&str], directory: &Path) -> Result<(), String> {
        let options = self.options().map_err(|error| format!("no lists of our own: {error}"))?;
        download(&options, packages, directory).or_else(|first| {
            // It also fails where one of many sources does not answer. Whether the package is there, the download tells.
            let update = run(Command::new("apt-get").args(&options).args(["--quiet", "update"]));
            download(&options, packages, directory)
                .map_err(|second| [first, update.err().unwrap_or_default(), second].join("\n"))
        })
    }

    fn options(&self) -> io::Result<Vec<String>> {
        fs::create_dir_all(self.state.join("partial"))?;
        fs::create_dir_all(self.cache.join("archives/partial"))?;
        let option = |name: &str, value: &dyn std::fmt::Display| ["-o".to_owned(), format!("{name}={value}")];
        let sources = self.sources.iter().flat_map(|file| {
            [option("Dir::Etc::SourceList", &file.display()), option("Dir::Etc::SourceParts", &"/dev/null")]
        });
        let options = [
            option("Dir::State::Lists", &self.state.display()),
            option("Dir::Cache", &self.cache.display()),
            // As root, apt would hand the directories to a user who may not enter the target directory.
            option("APT::Sandbox::User", &"root"),
        ];
        Ok(options.into_iter().chain(sources).flatten().collect())
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
