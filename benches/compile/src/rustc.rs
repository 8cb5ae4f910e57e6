//! One run of the compiler over one file, as cargo would call it, and what it cost.

use std::io;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::Error;
use crate::contender::Contender;

/// How the crate is compiled, always from nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// As `cargo build` does: profile dev, incremental.
    Build,
    /// The same with `CARGO_INCREMENTAL=0`, as many CI systems set it.
    BuildAtOnce,
    /// As `cargo check` does.
    Check,
}

/// What a run of the compiler took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    pub(crate) wall: Duration,
    /// Time on processors in user mode, of all threads.
    pub(crate) user: Duration,
}

/// A compiler that knows a contender's library.
pub(crate) fn rustc(contender: &Contender, source: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    command.args(["--edition=2024", "--crate-name=functions", "--cap-lints=warn"]).arg(source);
    command.arg("-L").arg(format!("dependency={}", contender.dependencies.display()));
    if let Some((name, file)) = &contender.library {
        command.arg("--extern").arg(format!("{name}={}", file.display()));
    }
    command
}

/// Compiles a library from nothing; `output` is a folder to put it in.
pub(crate) fn compile(
    contender: &Contender,
    source: &Path,
    mode: Mode,
    output: &Path,
) -> Result<Cost, Error> {
    if output.exists() {
        std::fs::remove_dir_all(output)?;
    }
    std::fs::create_dir_all(output)?;
    let mut command = rustc(contender, source);
    command.args(["--crate-type=lib", "-Cdebuginfo=2", "-Cembed-bitcode=no", "--out-dir"]).arg(output);
    command.arg(if mode == Mode::Check {
        "--emit=dep-info,metadata"
    } else {
        "--emit=dep-info,metadata,link"
    });
    if mode != Mode::BuildAtOnce {
        command.arg(format!("-Cincremental={}", output.join("incremental").display()));
    }
    measured(&mut command, source)
}

fn measured(command: &mut Command, source: &Path) -> Result<Cost, Error> {
    let started = Instant::now();
    let child = command.stdin(Stdio::null()).spawn()?;
    let (status, user) = wait(child.id())?;
    let wall = started.elapsed();
    if !status.success() {
        return Err(format!("{}: rustc: {status}", source.display()).into());
    }
    Ok(Cost { wall, user })
}

/// Waits for a child; the standard library's way to does not tell what the child used.
fn wait(child: u32) -> io::Result<(ExitStatus, Duration)> {
    use std::os::unix::process::ExitStatusExt;
    let (mut status, mut usage) = (0, std::mem::MaybeUninit::<libc::rusage>::zeroed());
    // SAFETY: both pointers are to places of our own, which live longer than the call.
    let waited = unsafe { libc::wait4(child.cast_signed(), &raw mut status, 0, usage.as_mut_ptr()) };
    if waited < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: all zeroes is a valid `rusage`, and the call has filled it in.
    let user = unsafe { usage.assume_init() }.ru_utime;
    let user = Duration::from_secs(user.tv_sec.cast_unsigned())
        + Duration::from_micros(user.tv_usec.cast_unsigned());
    Ok((ExitStatus::from_raw(status), user))
}
