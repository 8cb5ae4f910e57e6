//! A real Alertmanager.

use std::fs;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::{NamedTempFile, TempDir};

use crate::generation::Generation;
use crate::http;
use crate::process::{PATIENCE, Process, listening_address};
use crate::target::temporary;
use crate::tool;

/// Where Debian's Alertmanager has its own templates, which is nowhere unless it is installed.
const INSTALLED: &[u8; 34] = b"/usr/share/prometheus/alertmanager";
/// As many bytes that mean its working directory.
const RELOCATED: &[u8; 34] = b"/proc/self/cwd/./././././././././.";
/// What it looks for there.
const OWN_TEMPLATES: [&str; 2] = ["default.tmpl", "email.tmpl"];

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
        Self::start_by(&[], generation, config)
    }

    /// The same, by a program that is given the command.
    pub fn start_by(starter: &[&Path], generation: Generation, config: &Path) -> Self {
        let storage = temporary();
        let packaged = tool::ALERTMANAGER.of(generation);
        let executable = relocated(&packaged).expect("the target directory can be written to");
        for name in OWN_TEMPLATES {
            let own = packaged.with_file_name("..").join("share/prometheus/alertmanager").join(name);
            symlink(own, storage.path().join(name)).expect("the directory is the test's own");
        }
        let mut words = starter.iter().copied().chain([&*executable]);
        let mut command = Command::new(words.next().expect("one word at least"));
        command.args(words);
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

/// A copy of an executable that looks for its own templates in its working directory.
fn relocated(packaged: &Path) -> io::Result<PathBuf> {
    let path = packaged.with_extension("relocated");
    if path.is_file() {
        return Ok(path);
    }
    let mut program = fs::read(packaged)?;
    // Longer paths begin with the same bytes.
    let is_it = |at: &usize| program[*at..].starts_with(INSTALLED) && program[at + INSTALLED.len()] != b'/';
    let places: Vec<usize> = (0..program.len() - INSTALLED.len()).filter(is_it).collect();
    assert_eq!(places.len(), 1, "{} looks for its templates in a way of its own", packaged.display());
    program[places[0]..][..INSTALLED.len()].copy_from_slice(RELOCATED);
    // Other tests do the same at the same time, and the last of them wins.
    let mut partial = NamedTempFile::new_in(path.parent().expect("it lies in a folder"))?;
    partial.write_all(&program)?;
    fs::set_permissions(partial.path(), fs::metadata(packaged)?.permissions())?;
    partial.into_temp_path().persist(&path)?;
    Ok(path)
}
