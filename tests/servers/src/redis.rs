//! A real Redis.

use std::ffi::OsString;
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU16, Ordering};

use tempfile::TempDir;

use crate::debian;
use crate::process::Process;
use crate::target::temporary;
use crate::tool;

/// What Debian links it against, besides what every Debian has.
const LIBRARIES: [&str; 4] = ["libatomic1", "libjemalloc2", "liblzf1", "libssl3"];

/// A Redis on a port of its own, with a directory of its own.
pub struct Redis {
    process: Option<Process>,
    port: u16,
    settings: Vec<String>,
    // After the process, which writes into it.
    directory: TempDir,
}

impl Redis {
    /// Starts it without a setting of its own.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// Starts it with settings, such as `["--maxmemory", "8mb"]`, and waits until it takes commands.
    pub fn start_with(settings: &[&str]) -> Self {
        let settings = settings.iter().map(|setting| (*setting).to_owned()).collect();
        let mut redis = Self { process: None, port: 0, settings, directory: temporary() };
        // Between the look at a port and the start, another program may take it.
        let started = (0..16).any(|_| {
            redis.port = free_port();
            redis.run()
        });
        assert!(started, "redis found no free port");
        redis
    }

    /// `redis://127.0.0.1:20317/`
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    /// Ends it in the middle of whatever it does.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.signal(libc::SIGKILL);
        }
    }

    /// Starts it again on the same port, with what it had on disk: all of its data under `["--appendonly", "yes"]`.
    pub fn restart(&mut self) {
        self.kill();
        assert!(self.run(), "another program has taken port {}", self.port);
    }

    /// Whether it could have its port.
    fn run(&mut self) -> bool {
        let mut command = Server::find().command();
        command.args(["--bind", "127.0.0.1", "--port", &self.port.to_string(), "--save", ""]);
        command.arg("--dir").arg(self.directory.path()).args(&self.settings);
        let mut process = Process::start("redis", command.current_dir(self.directory.path()));
        let has_port = process.wait_for("that it takes commands", |line| {
            let (is_ready, is_refused) =
                (line.contains("Ready to accept"), line.contains("Failed listening"));
            (is_ready || is_refused).then_some(is_ready)
        });
        self.process = Some(process);
        has_port
    }
}

/// Where nobody listens. Ports below those that the system gives to clients: one of these may be given the port while Redis is
/// down, and a client that connects to its own port is connected with itself.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = u16::try_from(std::process::id() % 8_000).unwrap_or_default();
    loop {
        let port = 20_000 + (first + NEXT.fetch_add(1, Ordering::Relaxed)) % 8_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// The executable, and where its libraries are.
struct Server {
    executable: PathBuf,
    libraries: OsString,
}

impl Server {
    fn find() -> Self {
        match tool::REDIS.installed() {
            Some(executable) => Self { executable, libraries: OsString::new() },
            None => Self::packaged().unwrap_or_else(|reason| tool::REDIS.is_missing(&reason)),
        }
    }

    /// Debian has the server in the package of its tools, under the name of one of these: which one runs, its name decides.
    fn packaged() -> Result<Self, String> {
        let executable = debian::extracted("redis-tools")?.join("usr/bin/redis-check-rdb");
        let libraries = LIBRARIES.into_iter().map(|package| Ok(libraries(&debian::extracted(package)?)));
        let directories = libraries.collect::<Result<Vec<_>, String>>()?.concat();
        let libraries = std::env::join_paths(directories).map_err(|error| error.to_string())?;
        Ok(Self { executable, libraries })
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.executable);
        command.arg0("redis-server").env_clear().env("LD_LIBRARY_PATH", &self.libraries);
        command
    }
}

/// The directories of libraries in a package, one for each architecture that it is for.
fn libraries(root: &Path) -> Vec<PathBuf> {
    let architectures = std::fs::read_dir(root.join("usr/lib")).into_iter().flatten().flatten();
    architectures.map(|entry| entry.path()).filter(|path| path.is_dir()).collect()
}
