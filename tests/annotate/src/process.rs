//! Commands with a limit to their time.

use std::io::Read;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

pub(crate) struct Finished {
    /// Nothing where the time ran out.
    pub(crate) status: Option<ExitStatus>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Finished {
    pub(crate) fn success(&self) -> bool {
        self.status.is_some_and(|status| status.success())
    }

    /// How it ended, where it was not well.
    pub(crate) fn ending(&self) -> String {
        self.status.map_or_else(|| "did not end in time".to_owned(), |status| status.to_string())
    }
}

/// Runs a command to its end, or for as long as it may take.
pub(crate) fn run(command: &mut Command, limit: Duration) -> Result<Finished, String> {
    let told = format!("{command:?}");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| format!("cannot run {told}: {error}"))?;
    let (stdout, stderr) = (collect(child.stdout.take()), collect(child.stderr.take()));
    // Both pipes close when the process ends, so that waiting for them is waiting for it.
    let in_time = stdout.recv_timeout(limit);
    if in_time.is_err() {
        // It may end by itself right now; then there is nothing to kill.
        let _already_gone = child.kill();
    }
    let status = child.wait().map_err(|error| format!("{told}: {error}"))?;
    let late = Duration::from_secs(5);
    let text = |bytes: Result<Vec<u8>, _>| String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned();
    let status = in_time.is_ok().then_some(status);
    let stdout = in_time.or_else(|_| stdout.recv_timeout(late));
    Ok(Finished { status, stdout: text(stdout), stderr: text(stderr.recv_timeout(late)) })
}

fn collect(pipe: Option<impl Read + Send + 'static>) -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            // What came before a broken pipe is still worth showing.
            let _broken = pipe.read_to_end(&mut bytes);
        }
        // Nobody waits for it any more where the time ran out.
        let _unwanted = sender.send(bytes);
    });
    receiver
}
