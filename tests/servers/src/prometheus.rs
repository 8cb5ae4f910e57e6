//! A real Prometheus.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::generation::Generation;
use crate::http::{self, percent_encoded};
use crate::process::{PATIENCE, Process, listening_address};
use crate::target::temporary;
use crate::tool;

/// A running Prometheus with a database of its own.
pub struct Prometheus {
    _process: Process,
    address: SocketAddr,
    // After the process, which writes into it.
    _database: TempDir,
}

impl Prometheus {
    /// Starts it on a free port and waits until it answers.
    pub fn start(config: &Path) -> Self {
        Self::start_with(config, &[])
    }

    /// The same, with features that are off by default.
    pub fn start_with(config: &Path, features: &[&str]) -> Self {
        Self::start_executable(&tool::PROMETHEUS.path(), config, features)
    }

    /// The same for the Prometheus of a generation of Debian.
    pub fn start_of(generation: Generation, config: &Path) -> Self {
        Self::start_executable(&tool::PROMETHEUS.of(generation), config, &[])
    }

    fn start_executable(executable: &Path, config: &Path, features: &[&str]) -> Self {
        let database = temporary();
        let mut command = Command::new(executable);
        command.arg(format!("--config.file={}", config.display()));
        command.arg(format!("--storage.tsdb.path={}", database.path().display()));
        command.arg("--web.listen-address=127.0.0.1:0").current_dir(database.path());
        if !features.is_empty() {
            command.arg(format!("--enable-feature={}", features.join(",")));
        }
        let mut process = Process::start("prometheus", &mut command);
        let address = process.wait_for("where it listens", listening_address);
        let prometheus = Self { _process: process, address, _database: database };
        prometheus.until("ready", |it| {
            http::get(it.address, "/-/ready").ok().filter(|answer| answer.status == 200)
        });
        prometheus
    }

    /// The series that an expression gives now.
    pub fn query(&self, expression: &str) -> Vec<Value> {
        list(self.api(&format!("query?query={}", percent_encoded(expression)))["result"].take())
    }

    /// The exemplars of the series that an expression selects, of any time.
    pub fn exemplars(&self, expression: &str) -> Vec<Value> {
        let expression = percent_encoded(expression);
        list(self.api(&format!("query_exemplars?query={expression}&start=0&end=9999999999")))
            .into_iter()
            .flat_map(|mut series| list(series["exemplars"].take()))
            .collect()
    }

    /// The alerts that are pending or firing.
    pub fn alerts(&self) -> Vec<Value> {
        list(self.api("alerts")["alerts"].take())
    }

    /// What is being scraped.
    pub fn targets(&self) -> Vec<Value> {
        list(self.api("targets?state=active")["activeTargets"].take())
    }

    /// The rules of all groups, with the state of each.
    pub fn rules(&self) -> Vec<Value> {
        let groups = list(self.api("rules")["groups"].take());
        groups.into_iter().flat_map(|mut group| list(group["rules"].take())).collect()
    }

    /// Looks again and again until there is something to see.
    pub fn until<T>(&self, what: &str, look: impl Fn(&Self) -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = look(self) {
                return found;
            }
            assert!(Instant::now() < deadline, "Prometheus was not to be seen {what} within {PATIENCE:?}");
            thread::sleep(Duration::from_millis(50));
        }
    }

    fn api(&self, path: &str) -> Value {
        let answer =
            http::get(self.address, &format!("/api/v1/{path}")).expect("a running Prometheus answers");
        let mut answer: Value = serde_json::from_str(&answer.body).expect("its API speaks JSON");
        assert_eq!(answer["status"], "success", "{path}: {answer}");
        answer["data"].take()
    }
}

fn list(value: Value) -> Vec<Value> {
    match value {
        Value::Array(values) => values,
        other => panic!("Prometheus answered {other} instead of a list"),
    }
}
