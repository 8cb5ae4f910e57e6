//! Crates made by a test, to see what the compiler, clippy or cargo says of code that a test cannot contain itself.
//!
//! Each is a workspace of its own below the target directory, and all share one target directory, so that what they
//! depend on is built once.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

pub(crate) struct Crate {
    folder: PathBuf,
}

impl Crate {
    /// A library; `manifest` is what stands in its manifest behind `[package]`.
    pub(crate) fn library(name: &str, edition: &str, manifest: &str) -> Self {
        let folder = target().join(name);
        let created = Self { folder };
        // Remains of a former run would be compiled with it.
        match std::fs::remove_dir_all(&created.folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => panic!("{error}"),
            _ => {}
        }
        created.file(
            "Cargo.toml",
            &format!(
                "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"{edition}\"\n\n{manifest}\n\n[workspace]\n"
            ),
        );
        // The versions of the repository: nothing is resolved anew, nothing fetched.
        created.file("Cargo.lock", &std::fs::read_to_string(root().join("Cargo.lock")).unwrap());
        created
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Writes one of its files.
    pub(crate) fn file(&self, path: &str, text: &str) {
        let path = self.folder.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// What cargo prints, whether it succeeds or not.
    pub(crate) fn cargo(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Output {
        let mut command = Command::new(env!("CARGO"));
        command.args(arguments).arg("--offline").current_dir(&self.folder);
        command.env("CARGO_TARGET_DIR", target().join("target")).env_remove("RUSTFLAGS");
        command.envs(environment.iter().copied());
        command.output().unwrap_or_else(|error| panic!("cannot run {command:?}: {error}"))
    }

    /// The standard output of a cargo that succeeds.
    pub(crate) fn cargo_succeeds(&self, arguments: &[&str], environment: &[(&str, &str)]) -> String {
        let output = self.cargo(arguments, environment);
        let errors = String::from_utf8_lossy(&output.stderr);
        let printed = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success(),
            "cargo {arguments:?} in {}:\n{errors}\n{printed}",
            self.folder.display()
        );
        printed.into_owned()
    }
}

/// The dependency on tachograph with these features, as a line for `[dependencies]`.
pub(crate) fn tachograph(features: &[&str]) -> String {
    let path = root().join("runtime");
    format!("tachograph = {{ path = {path:?}, default-features = false, features = {features:?} }}")
}

fn target() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("generated")
}

/// The repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests are a folder of the repository")
}
