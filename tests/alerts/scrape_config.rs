//! The repository's own Prometheus configuration, in a hurry: what takes minutes in life takes seconds in a test.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use tachograph_servers::target::alerts;

use crate::alerting::seconds;

/// Writes configuration and rules into a directory, with `mirror` at the given address, and gives the path of the
/// configuration.
///
/// They are the files of `alerts`, but for what differs between a test and life: the addresses, the intervals, the `for` of the
/// rules, of which a minute becomes a second, and their windows, of which a minute becomes two: a rate over two minutes needs a
/// few scrapes in it, even where one of them is late. Thresholds stay as they are.
pub(crate) fn hurried(directory: &Path, mirror: SocketAddr) -> PathBuf {
    let rules = directory.join("rules");
    fs::create_dir(&rules).expect("the directory is the test's own");
    for path in rule_files() {
        fs::write(rules.join(path.file_name().expect("it is a file")), hurried_rules(&read(&path)))
            .expect("the directory is the test's own");
    }
    let path = directory.join("prometheus.yml");
    let config = replaced(&read(&alerts().join("prometheus.yml")), "127.0.0.1:9464", &mirror.to_string());
    let config = replaced(&config, "scrape_interval: 15s", "scrape_interval: 1s");
    let config = replaced(&config, "evaluation_interval: 15s", "evaluation_interval: 1s");
    // Nobody can listen on port 0, so nobody is bothered.
    let config = replaced(&config, "127.0.0.1:9093", "127.0.0.1:0");
    fs::write(&path, config).expect("the directory is the test's own");
    path
}

/// The rule files of the repository.
pub(crate) fn rule_files() -> Vec<PathBuf> {
    yaml_files(&alerts().join("rules"))
}

/// The files of promtool's tests in the repository.
pub(crate) fn rule_test_files() -> Vec<PathBuf> {
    yaml_files(&alerts().join("tests"))
}

/// Reads a file of the repository.
pub(crate) fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()))
}

fn yaml_files(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory)
        .unwrap_or_else(|error| panic!("cannot read {}: {error}", directory.display()));
    let mut files: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yml"))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{} has no files", directory.display());
    files
}

fn hurried_rules(rules: &str) -> String {
    let hurried = |line: &str| match line.trim_start().split_once(": ") {
        Some(("for" | "keep_firing_for", _)) if line.ends_with('m') => {
            format!("{}s\n", line.trim_end_matches('m'))
        }
        _ => format!("{}\n", with_short_windows(line)),
    };
    rules.lines().map(hurried).collect()
}

/// Makes `[10s]` of each `[5m]`.
fn with_short_windows(line: &str) -> String {
    let mut parts = line.split('[');
    let mut changed = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let window = part.split_once(']').filter(|(window, _)| window.ends_with(['m', 'h', 'd']));
        changed += &match window {
            Some((window, rest)) => format!("[{:.0}s]{rest}", seconds(window) / 30.0),
            None => format!("[{part}"),
        };
    }
    changed
}

fn replaced(text: &str, from: &str, to: &str) -> String {
    assert_eq!(text.matches(from).count(), 1, "alerts/prometheus.yml is to say `{from}` once");
    text.replace(from, to)
}
