//! The command itself, as it was just built.

use std::path::Path;
use std::process::Command;

/// How it ended, and what it wrote.
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    #[allow(dead_code, reason = "not every test reads both")]
    pub(crate) output: String,
    pub(crate) errors: String,
}

/// Runs it in a folder.
pub(crate) fn tachograph(folder: &Path, arguments: &[&str]) -> Said {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tachograph"));
    let output = command.args(arguments).current_dir(folder).output().expect("it was built");
    let [errors, text] =
        [output.stderr, output.stdout].map(|text| String::from_utf8(text).expect("it writes texts"));
    Said { code: output.status.code(), output: text, errors }
}

/// The files that the tests are about.
#[allow(dead_code, reason = "not every test has some")]
pub(crate) fn fixtures() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures"))
}
