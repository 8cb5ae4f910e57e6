//! The example service, running.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Command, ExitStatus};
use std::sync::OnceLock;

use tempfile::TempDir;

use crate::cargo;
use crate::http;
use crate::process::Process;
use crate::target::temporary;

/// A mirror with free ports and a directory of its own.
pub struct Mirror {
    process: Process,
    metrics: SocketAddr,
    // After the process, which writes into it.
    _data: TempDir,
}

impl Mirror {
    /// Starts it with its own load and waits until it says where its metrics are.
    pub fn start() -> Self {
        Self::start_at("127.0.0.1:0".parse().expect("an address"))
    }

    /// The same, with its metrics at an address, such as that of a mirror that has ended.
    pub fn start_at(metrics: SocketAddr) -> Self {
        let data = temporary();
        let mut command = Command::new(executable());
        command.arg("--data").arg(data.path()).current_dir(data.path());
        // Nothing of what is set where the tests run is to change the program.
        command.env_clear().env("LOG_DIR", data.path().join("logs")).env("METRICS_ADDR", metrics.to_string());
        let mut process = Process::start("mirror", &mut command);
        let metrics = process.wait_for("where its metrics are", metrics_address);
        Self { process, metrics, _data: data }
    }

    /// Where its metrics are.
    pub fn metrics(&self) -> SocketAddr {
        self.metrics
    }

    /// Its metrics, as they are now.
    pub fn page(&self) -> String {
        self.page_accepting("*/*")
    }

    /// The same, in the format that is asked for.
    pub fn page_accepting(&self, accept: &str) -> String {
        let response =
            http::get_accepting(self.metrics, "/metrics", accept).expect("a running mirror answers");
        assert_eq!(response.status, 200, "{}", response.body);
        response.body
    }

    /// Ends it in the middle of whatever it does.
    pub fn kill(mut self) {
        self.process.signal(libc::SIGKILL);
    }

    /// Asks it to stop, and waits until it has.
    pub fn terminate(mut self) -> ExitStatus {
        self.process.terminate()
    }
}

/// Reads `  metrics  http://127.0.0.1:41234/metrics`.
pub fn metrics_address(line: &str) -> Option<SocketAddr> {
    line.trim()
        .strip_prefix("metrics")?
        .trim()
        .strip_prefix("http://")?
        .strip_suffix("/metrics")?
        .parse()
        .ok()
}

/// The program, built once a run.
pub fn executable() -> &'static PathBuf {
    static EXECUTABLE: OnceLock<PathBuf> = OnceLock::new();
    EXECUTABLE.get_or_init(|| cargo::build("mirror", "--bin", "mirror"))
}
