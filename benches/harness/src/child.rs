//! A process that measures, and says so on its standard output.

use std::process::{Command, Stdio};

use crate::Error;

/// What it says.
///
/// # Errors
/// Where it cannot be started, or fails; with what it said until then.
pub fn told(command: &mut Command) -> Result<String, Error> {
    // Not `output`, which would keep what it says on its standard error to itself.
    let output = command.stdout(Stdio::piped()).spawn()?.wait_with_output()?;
    let told = String::from_utf8(output.stdout)?;
    if output.status.success() { Ok(told) } else { Err(format!("{}: {told}", output.status).into()) }
}
