//! Where things are: the target directory of this very run, and the files of the repository.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// The target directory that this test was built into.
pub(crate) fn target() -> &'static Path {
    scratch().parent().expect("cargo puts its directory for tests into the target directory")
}

/// The folder `alerts` of the repository.
pub(crate) fn alerts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the tests are a folder of the repository")
        .join("alerts")
}

/// A directory of the test's own, which goes away with the value.
pub(crate) fn temporary() -> TempDir {
    tempfile::tempdir_in(scratch())
        .unwrap_or_else(|error| panic!("no directory in {}: {error}", scratch().display()))
}

fn scratch() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
}
