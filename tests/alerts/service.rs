//! A mirror whose parts and stores a test names.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use tachograph_servers::mirror::{executable, metrics_address};
use tachograph_servers::process::Process;

/// One process of a mirror.
pub(crate) struct Service {
    process: Process,
    metrics: SocketAddr,
}

impl Service {
    /// Starts a part of a mirror that has no load of its own, with its files below a directory. Its metrics are at an address,
    /// such as that of a process that has ended.
    pub(crate) fn start(
        role: &str,
        data: &Path,
        metrics: Option<SocketAddr>,
        variables: &[(&str, String)],
    ) -> Self {
        let mut command = Command::new(executable());
        command.args(["--role", role, "--no-load", "--data"]).arg(data).current_dir(data);
        command.env_clear().envs(variables.iter().map(|(name, value)| (name, value)));
        command.env("METRICS_ADDR", metrics.map_or("127.0.0.1:0".to_owned(), |address| address.to_string()));
        let mut process = Process::start("mirror", &mut command);
        let metrics = process.wait_for("where its metrics are", metrics_address);
        Self { process, metrics }
    }

    pub(crate) fn metrics(&self) -> SocketAddr {
        self.metrics
    }

    /// Where its interface is.
    pub(crate) fn api(&mut self) -> SocketAddr {
        self.process.wait_for("where its interface is", |line| {
            line.trim()
                .strip_prefix("api")?
                .trim()
                .strip_prefix("http://")?
                .strip_suffix("/files")?
                .parse()
                .ok()
        })
    }

    /// Ends it in the middle of whatever it does.
    pub(crate) fn kill(&mut self) {
        self.process.signal(libc::SIGKILL);
    }
}
