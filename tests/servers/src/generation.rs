//! Generations of Debian, side by side: the packages of a suite run on the machine whatever its own suite is.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::debian::{Lists, prepared};
use crate::target::target;

/// Where packages are if the machine's own sources do not say.
const ARCHIVE: &str = "http://deb.debian.org/debian";
/// Where Debian keeps the keys of all suites that it supports.
const KEYS: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// A suite, from which programs of its age come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Generation {
    /// Debian 12: Prometheus 2.42, Alertmanager 0.25.
    Bookworm,
    /// Debian 13: Prometheus 2.53, Alertmanager 0.28.
    Trixie,
    /// What is newest: Prometheus 3, Alertmanager 0.33 or later.
    Sid,
}

impl Generation {
    /// All of them, the oldest first.
    pub const ALL: [Self; 3] = [Self::Bookworm, Self::Trixie, Self::Sid];

    /// Extracts a package of the suite, the first time it is asked for, and gives the directory that stands for its `/`.
    /// Its dependencies are not followed.
    pub fn extracted(self, package: &str) -> Result<PathBuf, String> {
        let cache = target().join("stack");
        prepared(&cache.join(self.suite()).join(package), |directory| {
            let sources = self
                .write_sources(&cache.join("apt").join(self.suite()))
                .map_err(|error| format!("cannot write sources of {self}: {error}"))?;
            Lists::of(sources).download(&[package], directory)
        })
    }

    fn suite(self) -> &'static str {
        match self {
            Self::Bookworm => "bookworm",
            Self::Trixie => "trixie",
            Self::Sid => "sid",
        }
    }

    fn write_sources(self, directory: &Path) -> io::Result<PathBuf> {
        fs::create_dir_all(directory)?;
        let path = directory.join("suite.sources");
        let archive = archive_of_the_machine().unwrap_or_else(|| ARCHIVE.to_owned());
        let sources = format!(
            "Types: deb\nURIs: {archive}\nSuites: {}\nComponents: main\nSigned-By: {KEYS}\n",
            self.suite()
        );
        fs::write(&path, sources)?;
        Ok(path)
    }
}

impl fmt::Display for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.suite())
    }
}

/// The archive of which the machine's own suite is one: where it gets its packages, the other suites are too.
fn archive_of_the_machine() -> Option<String> {
    let output = Command::new("apt-get").args(["indextargets", "--format", "$(REPO_URI)"]).output().ok()?;
    let archives = String::from_utf8(output.stdout).ok()?;
    // Updates and security are archives of their own, with other suites.
    archives.lines().find(|uri| uri.trim_end_matches('/').ends_with("/debian")).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tool::{ALERTMANAGER, PROMETHEUS, PROMTOOL};

    #[test]
    fn each_generation_has_its_own_programs() {
        for (generation, version) in
            [(Generation::Bookworm, " 2.42."), (Generation::Trixie, " 2.53."), (Generation::Sid, " 3.")]
        {
            for tool in [PROMETHEUS, PROMTOOL] {
                let output = Command::new(tool.of(generation)).arg("--version").output().expect("it runs");
                let said = String::from_utf8_lossy(&output.stdout).into_owned();
                assert!(said.contains(version), "{generation}: {said}");
            }
            assert!(ALERTMANAGER.of(generation).is_file());
        }
    }
}
