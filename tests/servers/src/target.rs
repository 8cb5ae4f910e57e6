//! Where things are: the target directory of this very run, and the files of the repository.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use tempfile::TempDir;

/// The target directory that this test was built into.
pub fn target() -> &'static Path {
    static TARGET: OnceLock<PathBuf> = OnceLock::new();
    TARGET.get_or_init(|| {
        let test = env::current_exe().expect("a running program has a path");
        // Cargo puts a test into `<target>/<profile>/deps`.
        test.ancestors().nth(3).expect("a test lies three folders deep in the target directory").to_owned()
    })
}

/// The repository.
pub fn repository() -> &'static Path {
    let servers = Path::new(env!("CARGO_MANIFEST_DIR"));
    servers.ancestors().nth(2).expect("this package is `tests/servers` in the repository")
}

/// The folder `alerts` of the repository.
pub fn alerts() -> PathBuf {
    repository().join("alerts")
}

/// A directory of the test's own, which goes away with the value.
///
/// # Panics
///
/// Where the target directory cannot be written to.
pub fn temporary() -> TempDir {
    let scratch = target().join("tmp");
    fs::create_dir_all(&scratch)
        .and_then(|()| tempfile::tempdir_in(&scratch))
        .unwrap_or_else(|error| panic!("no directory in {}: {error}", scratch.display()))
}
