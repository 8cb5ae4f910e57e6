//! A running program whose log files are tormented.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::OnceLock;

use tempfile::TempDir;

/// The program; it is killed with this value.
pub(super) struct Victim {
    child: Child,
    commands: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    /// How many commands are not answered yet.
    unanswered: usize,
}

/// Where victims write, and what they say on standard error.
pub(super) struct Scene {
    directory: TempDir,
}

impl Scene {
    pub(super) fn new() -> Self {
        let scene = Self { directory: tempfile::tempdir().unwrap() };
        std::fs::create_dir(scene.logs()).unwrap();
        scene
    }

    pub(super) fn logs(&self) -> PathBuf {
        self.directory.path().join("logs")
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// The command line of a victim, with these variables on top of quiet defaults.
    pub(super) fn command(&self, command: &mut Command, variables: &[(&str, &str)]) {
        command
            .env_clear()
            .env("LOG_DIR", self.logs())
            .envs([("LOG_CONSOLE", "off"), ("METRICS_ADDR", "off")]);
        command.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").envs(variables.iter().copied());
    }

    pub(super) fn start(&self, variables: &[(&str, &str)]) -> Victim {
        let stderr = File::options().append(true).create(true).open(self.path("stderr")).unwrap();
        let mut command = Command::new(program());
        self.command(&mut command, variables);
        Victim::start(command.stderr(stderr))
    }

    pub(super) fn stderr_bytes(&self) -> u64 {
        std::fs::metadata(self.path("stderr")).map_or(0, |metadata| metadata.len())
    }
}

impl Victim {
    pub(super) fn start(command: &mut Command) -> Self {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (commands, answers) = (child.stdin.take(), BufReader::new(child.stdout.take().unwrap()));
        Self { child, commands, answers, unanswered: 0 }
    }

    /// Gives a command, and the number in its answer.
    pub(super) fn tell(&mut self, command: &str) -> u64 {
        self.send(command);
        let mut answer = String::new();
        for _ in 0..std::mem::take(&mut self.unanswered) {
            answer.clear();
            self.answers.read_line(&mut answer).unwrap();
        }
        let number = answer.trim_end().rsplit_once(' ').and_then(|(_, number)| number.parse().ok());
        number.unwrap_or_else(|| panic!("`{command}` is answered by `{answer}`"))
    }

    /// Gives a command without waiting for its answer.
    pub(super) fn send(&mut self, command: &str) {
        writeln!(self.commands.as_mut().unwrap(), "{command}").unwrap();
        self.unanswered += 1;
    }

    pub(super) fn signal(&self, signal: i32) {
        let id = libc::pid_t::try_from(self.child.id()).unwrap();
        // SAFETY: takes two numbers. The child has not been waited for, so its id cannot be another's yet.
        assert_eq!(unsafe { libc::kill(id, signal) }, 0);
    }

    /// Has the program end in one of its ways.
    pub(super) fn end(mut self, way: &str) -> ExitStatus {
        self.send(way);
        self.wait()
    }

    pub(super) fn wait(&mut self) -> ExitStatus {
        drop(self.commands.take());
        self.child.wait().unwrap()
    }
}

impl Drop for Victim {
    fn drop(&mut self) {
        // Either fails where the program has already ended, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program, built once for all tests of this run.
pub(super) fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| tachograph_servers::cargo::build("tachograph-tests", "--example", "torture"))
}

#[track_caller]
pub(super) fn ended_well(status: ExitStatus) {
    assert!(status.success(), "{status}, signal {:?}", status.signal());
}
