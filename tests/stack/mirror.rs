//! The example service, running.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Command, ExitStatus};
use std::sync::OnceLock;

use tempfile::TempDir;

use crate::stack::http;
use crate::stack::process::Process;
use crate::stack::target::{repository, target, temporary};

/// What would change the program if it were set where the tests run.
const SETTINGS: [&str; 7] = [
    "LOG_LEVEL",
    "LOG_DIR",
    "LOG_MAX_BYTES",
    "LOG_BACKUPS",
    "LOG_CONSOLE",
    "PERFORMANCE_LOG_THRESHOLD",
    "METRICS_ADDR",
];

/// A mirror with free ports and a directory of its own.
pub(crate) struct Mirror {
    process: Process,
    metrics: SocketAddr,
    // After the process, which writes into it.
    _data: TempDir,
}

impl Mirror {
    /// Starts it with its own load and waits until it says where its metrics are.
    pub(crate) fn start() -> Self {
        let data = temporary();
        let mut command = Command::new(executable());
        for setting in SETTINGS {
            command.env_remove(setting);
        }
        command.arg("--data").arg(data.path()).current_dir(data.path());
        command.env("LOG_DIR", data.path().join("logs")).env("METRICS_ADDR", "127.0.0.1:0");
        let mut process = Process::start("mirror", &mut command);
        let metrics = process.wait_for("where its metrics are", metrics_address);
        Self { process, metrics, _data: data }
    }

    /// Where its metrics are.
    pub(crate) fn metrics(&self) -> SocketAddr {
        self.metrics
    }

    /// Its metrics, as they are now.
    pub(crate) fn page(&self) -> String {
        let response = http::get(self.metrics, "/metrics").expect("a running mirror answers");
        assert_eq!(response.status, 200, "{}", response.body);
        response.body
    }

    /// Asks it to stop, and waits until it has.
    pub(crate) fn terminate(mut self) -> ExitStatus {
        self.process.terminate()
    }
}

/// Reads `  metrics  http://127.0.0.1:41234/metrics`.
fn metrics_address(line: &str) -> Option<SocketAddr> {
    line.trim()
        .strip_prefix("metrics")?
        .trim()
        .strip_prefix("http://")?
        .strip_suffix("/metrics")?
        .parse()
        .ok()
}

/// The program, built once a run into the target directory of this very test.
fn executable() -> &'static PathBuf {
    static EXECUTABLE: OnceLock<PathBuf> = OnceLock::new();
    EXECUTABLE.get_or_init(build)
}

fn build() -> PathBuf {
    let mut command = Command::new(env!("CARGO"));
    command.args(["build", "--package", "mirror", "--message-format", "json-render-diagnostics"]);
    command.current_dir(repository()).env("CARGO_TARGET_DIR", target());
    if !cfg!(debug_assertions) {
        command.arg("--release");
    }
    let output = command.output().unwrap_or_else(|error| panic!("cannot run {command:?}: {error}"));
    assert!(output.status.success(), "{command:?}:\n{}", String::from_utf8_lossy(&output.stderr));
    // Cargo knows best where it put the program.
    String::from_utf8_lossy(&output.stdout).lines().find_map(built).expect("cargo names what it built")
}

fn built(message: &str) -> Option<PathBuf> {
    let message: serde_json::Value = serde_json::from_str(message).ok()?;
    (message["target"]["name"] == "mirror")
        .then(|| message["executable"].as_str().map(PathBuf::from))
        .flatten()
}
