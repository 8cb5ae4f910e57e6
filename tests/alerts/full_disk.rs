//! The disk of the logs runs full under a mirror with its own load, and is freed again.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use tachograph_servers::mirror::{executable, metrics_address};
use tachograph_servers::process::Process;
use tachograph_servers::target::temporary;

use crate::watched::Watched;

/// Mounts a small disk in memory where the logs are, for itself alone, and becomes the mirror.
const SCRIPT: &str = r#"mkdir "$LOG_DIR" && mount -t tmpfs -o size=16m tmpfs "$LOG_DIR" && exec "$0" "$@""#;

#[test]
fn a_full_disk_of_logs() {
    let data = temporary();
    let logs = data.path().join("logs");
    let mut command = Command::new("unshare");
    command.args(["--map-root-user", "--mount", "sh", "-ec", SCRIPT]).arg(executable());
    command.arg("--data").arg(data.path()).current_dir(data.path()).env_clear();
    command
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .env("LOG_DIR", &logs)
        .env("METRICS_ADDR", "127.0.0.1:0");
    let mut mirror = Process::start("mirror", &mut command);
    let watched = Watched::start(mirror.wait_for("where its metrics are", metrics_address), &[]);

    let filling = Filling::of(&seen_by(&mirror, &logs));
    let fault = Instant::now();
    watched.tells("LogErrors", fault, Duration::ZERO);
    watched.tells("LogDiskFull", fault, Duration::from_secs(5));

    let mended = Instant::now();
    drop(filling);
    // The last failure leaves the window of ten seconds, and the alert is kept for five. The pauses between two attempts double:
    // another failure may be under way.
    watched.tells_the_end_of("LogDiskFull", mended, Duration::from_secs(10 + 5));
    assert!(!watched.has_told("LogRecordsDropped", fault), "what waited for the disk was written");
}

/// A directory as a process sees it, in which others may not look.
fn seen_by(process: &Process, directory: &Path) -> PathBuf {
    let root = PathBuf::from(format!("/proc/{}/root", process.id()));
    root.join(directory.strip_prefix("/").expect("it has a path from the root on"))
}

/// A file that leaves no room for anything else.
struct Filling(PathBuf);

impl Filling {
    fn of(directory: &Path) -> Self {
        assert!(directory.join("mirror.log").is_file(), "{} is not where its logs are", directory.display());
        let path = directory.join("filling");
        let mut file = File::create(&path).expect("there is room for an empty file");
        let page = [0; 4096];
        let error = loop {
            if let Err(error) = file.write_all(&page) {
                break error;
            }
        };
        assert_eq!(error.kind(), ErrorKind::StorageFull, "{error}");
        Self(path)
    }
}

impl Drop for Filling {
    fn drop(&mut self) {
        // Where the mirror has ended, its disk is gone as well.
        let _ = fs::remove_file(&self.0);
    }
}
