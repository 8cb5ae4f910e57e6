//! A server as its measurer has it.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use harness::Error;
use tempfile::TempDir;

use crate::contender::Contender;
use crate::processor::time_of;
use crate::server::{COUNT, TELL};

/// The first argument of a process that serves.
pub(crate) const CHILD: &str = "--serve";

/// The process of a contender. It stands still unless it is let run, so that what it does besides falls on no other.
pub(crate) struct Served {
    pub(crate) contender: &'static Contender,
    pub(crate) address: SocketAddr,
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    _directory: TempDir,
}

/// What a server says of itself.
pub(crate) struct Told {
    pub(crate) allocations: u64,
    pub(crate) recorded: u64,
}

impl Served {
    pub(crate) fn start(contender: &'static Contender) -> Result<Self, Error> {
        let directory = tempfile::tempdir()?;
        let mut process = Command::new(std::env::current_exe()?)
            .args([CHILD, contender.name])
            .arg(directory.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let input = process.stdin.take().ok_or("no way to tell a server")?;
        let mut output = BufReader::new(process.stdout.take().ok_or("no way to hear a server")?);
        let mut address = String::new();
        output.read_line(&mut address)?;
        let address = address.trim().parse().map_err(|_| format!("{}: did not start", contender.name))?;
        Ok(Self { contender, address, process, input, output, _directory: directory })
    }

    /// Runs something while the server runs.
    pub(crate) fn running<T>(&mut self, run: impl FnOnce(&mut Self) -> Result<T, Error>) -> Result<T, Error> {
        self.signal(libc::SIGCONT)?;
        let output = run(self)?;
        self.signal(libc::SIGSTOP)?;
        Ok(output)
    }

    pub(crate) fn processor_time(&self) -> Result<Duration, Error> {
        Ok(time_of(self.process.id())?)
    }

    pub(crate) fn count(&mut self) -> Result<(), Error> {
        writeln!(self.input, "{COUNT}")?;
        // The server obeys in a moment: on a thread of its own, which says nothing.
        std::thread::sleep(Duration::from_millis(20));
        Ok(())
    }

    pub(crate) fn tell(&mut self) -> Result<Told, Error> {
        writeln!(self.input, "{TELL}")?;
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        let told = line.trim().split_once(' ').and_then(|(allocations, recorded)| {
            Some(Told { allocations: allocations.parse().ok()?, recorded: recorded.parse().ok()? })
        });
        told.ok_or_else(|| format!("{}: said {line:?}", self.contender.name).into())
    }

    fn signal(&self, signal: libc::c_int) -> Result<(), Error> {
        // SAFETY: it is our child, which nobody has waited for yet.
        let status = unsafe { libc::kill(self.process.id() as libc::pid_t, signal) };
        if status == 0 { Ok(()) } else { Err(std::io::Error::last_os_error().into()) }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
