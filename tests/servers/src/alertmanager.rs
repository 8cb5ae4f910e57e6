//! A real Alertmanager.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::generation::Generation;
use crate::http;
use crate::process::{PATIENCE, Process, listening_address};
use crate::target::temporary;
use crate::tool;

/// A running Alertmanager with a memory of its own.
pub struct Alertmanager {
    process: Process,
    address: SocketAddr,
    // After the process, which writes into it.
    _storage: TempDir,
}

impl Alertmanager {
    /// Starts one of a generation of Debian on a free port and waits until it answers.
    pub fn start(generation: Generation, config: &Path) -> Self {
        Self::start_by(Command::new(tool::ALERTMANAGER.of(generation)), config)
    }

    /// The same, by a command that ends in the name of the program.
    pub fn start_by(mut command: Command, config: &Path) -> Self {
        let storage = temporary();
        command.arg(format!("--config.file={}", config.display()));
        command.arg(format!("--storage.path={}", storage.path().display()));
        // An empty address: no others are looked for, and no second port is opened.
        command.args(["--web.listen-address=127.0.0.1:0", "--cluster.listen-address="]);
        let mut process = Process::start("alertmanager", command.current_dir(storage.path()));
        let address = process.wait_for("where it listens", listening_address);
        let deadline = Instant::now() + PATIENCE;
        while !http::get(address, "/-/ready").is_ok_and(|answer| answer.status == 200) {
            assert!(Instant::now() < deadline, "Alertmanager was not ready within {PATIENCE:?}");
            thread::sleep(Duration::from_millis(20));
        }
        Self { process, address, _storage: storage }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Hands alerts in, in the form of its API: a list of objects with labels, annotations and times.
    pub fn post(&self, alerts: &Value) {
        let answer = http::post(self.address, "/api/v2/alerts", &alerts.to_string())
            .expect("a running Alertmanager answers");
        assert_eq!(answer.status, 200, "{}", answer.body);
    }

    /// What its API answers.
    pub fn get(&self, path: &str) -> Value {
        let answer = http::get(self.address, &format!("/api/v2/{path}"));
        let answer = answer.expect("a running Alertmanager answers");
        serde_json::from_str(&answer.body).expect("its API speaks JSON")
    }

    /// Waits for a line of its log in which `read` finds something.
    pub fn wait_for<T>(&mut self, what: &str, read: impl Fn(&str) -> Option<T>) -> T {
        self.process.wait_for(what, read)
    }
}
