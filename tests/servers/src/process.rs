//! A child process that cannot outlive its test, and whose output can be waited for.

use std::io::{self, BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

/// For what a healthy program does within a second or two, on a machine that is busy with other tests.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A running program.
pub struct Process {
    name: &'static str,
    child: Child,
    lines: Receiver<String>,
    seen: Vec<String>,
}

impl Process {
    /// Starts a program. It is killed when the value is dropped and when the thread that called this ends, so a test
    /// that is itself killed leaves nothing behind.
    pub fn start(name: &'static str, command: &mut Command) -> Self {
        die_with_parent(command);
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"));
        let (sender, lines) = mpsc::channel();
        forward(child.stdout.take().expect("stdout is a pipe"), sender.clone());
        forward(child.stderr.take().expect("stderr is a pipe"), sender);
        Self { name, child, lines, seen: Vec::new() }
    }

    /// Waits for a line of output in which `read` finds something.
    pub fn wait_for<T>(&mut self, what: &str, read: impl Fn(&str) -> Option<T>) -> T {
        if let Some(found) = self.seen.iter().find_map(|line| read(line)) {
            return found;
        }
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(line) => {
                    let found = read(&line);
                    self.seen.push(line);
                    if let Some(found) = found {
                        return found;
                    }
                }
                Err(RecvTimeoutError::Timeout) => {
                    panic!("{} did not say {what} within {PATIENCE:?}", self.name)
                }
                Err(RecvTimeoutError::Disconnected) => panic!("{} ended without saying {what}", self.name),
            }
        }
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Asks the program to stop, and waits until it has.
    pub fn terminate(&mut self) -> ExitStatus {
        self.signal(libc::SIGTERM)
    }

    /// Sends a signal that ends the program, and waits until it has.
    pub fn signal(&mut self, signal: libc::c_int) -> ExitStatus {
        self.send(signal);
        self.wait()
    }

    /// Sends a signal that the program handles.
    pub fn send(&self, signal: libc::c_int) {
        let id = libc::pid_t::try_from(self.child.id()).expect("a process id is a small number");
        // SAFETY: takes two numbers. The child has not been waited for, so its id cannot be another's yet.
        let result = unsafe { libc::kill(id, signal) };
        assert_eq!(result, 0, "cannot signal {}: {}", self.name, io::Error::last_os_error());
    }

    /// Waits for the end of the program.
    pub fn wait(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.child.try_wait() {
                Ok(Some(status)) => return status,
                Ok(None) if Instant::now() < deadline => thread::sleep(Duration::from_millis(5)),
                Ok(None) => panic!("{} did not end within {PATIENCE:?}", self.name),
                Err(error) => panic!("cannot wait for {}: {error}", self.name),
            }
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Either fails where the program has already ended, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            self.seen.extend(self.lines.try_iter());
            eprintln!("--- output of {}\n{}", self.name, self.seen.join("\n"));
        }
    }
}

/// Reads the address that was bound from a line of one of Prometheus' programs, of any generation:
/// `… msg="Listening on" component=web address=127.0.0.1:33601`.
pub(crate) fn listening_address(line: &str) -> Option<SocketAddr> {
    let (_, rest) = line.split_once("msg=\"Listening on\"")?;
    rest.split_whitespace().find_map(|word| word.strip_prefix("address=")?.parse().ok())
}

fn forward(stream: impl Read + Send + 'static, lines: Sender<String>) {
    // The thread ends with the stream, that is with the process, and keeps its pipe empty until then.
    thread::spawn(move || {
        let mut stream = BufReader::new(stream);
        let mut line = Vec::new();
        while let Ok(1..) = stream.read_until(b'\n', &mut line) {
            // Nobody may listen any more; the pipe is to be emptied all the same.
            let _ = lines.send(String::from_utf8_lossy(&line).trim_end().to_owned());
            line.clear();
        }
    });
}

fn die_with_parent(command: &mut Command) {
    let parent = std::process::id();
    let bind = move || {
        // SAFETY: all calls are safe after a fork, and take and give nothing but numbers.
        let (result, orphaned) = unsafe {
            // A shell that runs the tests in the background has its children ignore these.
            libc::signal(libc::SIGINT, libc::SIG_DFL);
            libc::signal(libc::SIGHUP, libc::SIG_DFL);
            let result = libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
            (result, libc::getppid().cast_unsigned() != parent)
        };
        // The parent may have died before the wish was known.
        if result == -1 || orphaned { Err(io::Error::last_os_error()) } else { Ok(()) }
    };
    // SAFETY: the closure calls only what is safe after a fork, and allocates nothing.
    unsafe { command.pre_exec(bind) };
}
