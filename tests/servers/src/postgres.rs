//! A real PostgreSQL.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use tempfile::TempDir;

use crate::debian;
use crate::process::Process;

/// The server, its client library, and what they need that a Debian with nothing but apt lacks.
const PACKAGES: [&str; 14] = [
    "postgresql-15",
    "postgresql-client-15",
    "libpq5",
    "libcom-err2",
    "libgssapi-krb5-2",
    "libicu72",
    "libk5crypto3",
    "libkeyutils1",
    "libkrb5-3",
    "libkrb5support0",
    "libldap-2.5-0",
    "libsasl2-2",
    "libssl3",
    "libxml2",
];

/// `nobody` and `nogroup`: the server does not run as root.
const NOBODY: u32 = 65534;

/// A PostgreSQL with a database of its own, which is gone when the value is.
pub struct Postgres {
    process: Option<Process>,
    port: u16,
    installed: PathBuf,
    // After the process, which writes into it.
    data: TempDir,
}

impl Postgres {
    /// Makes a database, starts the server on a free port and waits until it takes connections.
    pub fn start() -> Self {
        let installed = debian::extracted_together("postgresql", &PACKAGES)
            .unwrap_or_else(|reason| panic!("PostgreSQL is missing, and could not be fetched\n{reason}"));
        // Where a socket has a short name and the server's user may go.
        let data = tempfile::tempdir().expect("a directory for the database");
        let mut postgres = Self { process: None, port: free_port(), installed, data };
        postgres.make_database();
        postgres.restart();
        postgres
    }

    /// What the variable `DATABASE_URL` of a program is to have.
    pub fn url(&self) -> String {
        format!("postgres://tester@127.0.0.1:{}/postgres", self.port)
    }

    /// Ends the server at once, as a crash would: its clients lose their connections.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.signal(libc::SIGQUIT);
        }
    }

    /// Starts the server anew, on the same data and port.
    pub fn restart(&mut self) {
        self.kill();
        let mut command = self.command("postgres");
        command.arg("-D").arg(self.data_directory()).arg("-k").arg(self.data.path());
        command.args(["-h", "127.0.0.1", "-p", &self.port.to_string()]);
        for setting in ["fsync=off", "jit=off", "timezone=GMT", "log_timezone=GMT", "deadlock_timeout=100ms"]
        {
            command.args(["-c", setting]);
        }
        let mut process = Process::start("postgres", &mut command);
        process.wait_for("that it takes connections", |line| {
            line.contains("database system is ready to accept connections").then_some(())
        });
        self.process = Some(process);
    }

    fn make_database(&self) {
        if is_root() {
            chown(self.data.path(), Some(NOBODY), Some(NOBODY)).expect("root gives directories away");
        }
        let mut command = self.command("initdb");
        command.arg("-D").arg(self.data_directory());
        command.args(["--username=tester", "--auth=trust", "--no-locale", "--encoding=UTF8", "--no-sync"]);
        let output = command.output().unwrap_or_else(|error| panic!("cannot run {command:?}: {error}"));
        assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    fn data_directory(&self) -> PathBuf {
        self.data.path().join("data")
    }

    /// A program of PostgreSQL, with its own libraries. Root runs it as nobody, who may still look into the target directory,
    /// wherever that is; and a program that changes its user has to be told again to die with its parent.
    fn command(&self, program: &str) -> Command {
        let program = self.installed.join("usr/lib/postgresql/15/bin").join(program);
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command.args([&format!("--reuid={NOBODY}"), &format!("--regid={NOBODY}")]);
            command.args(["--clear-groups", "--inh-caps=+dac_override", "--ambient-caps=+dac_override"]);
            command.args(["--securebits=+no_setuid_fixup", "--pdeathsig=KILL"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.env_clear().env("LC_ALL", "C").env("PATH", "/usr/bin:/bin").current_dir(self.data.path());
        command.env("LD_LIBRARY_PATH", self.libraries());
        command
    }

    fn libraries(&self) -> String {
        let folders = ["usr/lib", "lib"].map(|folder| self.installed.join(folder).join(multiarch()));
        folders.map(|folder| folder.display().to_string()).join(":")
    }
}

/// The server ends its own processes, unless it is too late for that.
impl Drop for Postgres {
    fn drop(&mut self) {
        if !thread::panicking() {
            self.kill();
        }
    }
}

/// The folder of libraries that Debian names after the machine.
fn multiarch() -> String {
    format!("{}-linux-gnu", std::env::consts::ARCH)
}

fn is_root() -> bool {
    fs::metadata(Path::new("/proc/self")).expect("Linux has it").uid() == 0
}

/// One that nobody listens on now.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().as_ref().map(SocketAddr::port).expect("an address")
}
