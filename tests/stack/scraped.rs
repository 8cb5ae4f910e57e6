//! A program with odd metrics, running.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use tachograph_servers::http;
use tachograph_servers::process::Process;
use tachograph_servers::target::temporary;

use crate::it::program::program;

/// The scenario `scraped`, with a free port and a directory of its own.
pub(crate) struct Scraped {
    _process: Process,
    metrics: SocketAddr,
    // After the process, which writes into it.
    directory: TempDir,
}

impl Scraped {
    /// Starts it and waits until everything that it records is recorded.
    pub(crate) fn start() -> Self {
        let directory = temporary();
        let mut command = Command::new(program());
        command.arg("scraped").current_dir(directory.path());
        command.env_clear().env("LOG_DIR", directory.path().join("logs")).env("LOG_CONSOLE", "off");
        command.env("METRICS_ADDR", "127.0.0.1:0");
        let mut process = Process::start("scenario", &mut command);
        let metrics =
            process.wait_for("where its metrics are", |line| line.strip_prefix("metrics ")?.parse().ok());
        Self { _process: process, metrics, directory }
    }

    /// Its metrics, in the format that is asked for.
    pub(crate) fn page(&self, accept: &str) -> String {
        let response =
            http::get_accepting(self.metrics, "/metrics", accept).expect("a running program answers");
        assert_eq!(response.status, 200, "{}", response.body);
        response.body
    }

    /// A configuration for a Prometheus that scrapes it each second.
    pub(crate) fn scrape_config(&self) -> PathBuf {
        let path = self.directory.path().join("prometheus.yml");
        let config = format!(
            "scrape_configs:\n- job_name: scraped\n  scrape_interval: 1s\n  static_configs:\n  - targets: ['{}']\n",
            self.metrics
        );
        write(&path, &config);
        path
    }
}

fn write(path: &Path, text: &str) {
    std::fs::write(path, text).expect("the directory is the test's own");
}
