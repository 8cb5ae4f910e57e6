//! The whole way of an alert: programs, a real Prometheus with the repository's rules, a real Alertmanager, a Telegram.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use tachograph_servers::generation::Generation;
use tachograph_servers::prometheus::Prometheus;
use tachograph_servers::target::temporary;
use tachograph_servers::telegram::Message;
use tempfile::TempDir;

use crate::alerting::Alerting;
use crate::scrape_config::hurried;

/// How long a fault may take from the end of its rule's `for` to people: a scrape, an evaluation and the wait of a group are a
/// second each.
const PROMPT: Duration = Duration::from_secs(5);

/// Programs that are watched. Whatever takes minutes in life takes seconds here.
pub(crate) struct Watched {
    prometheus: Prometheus,
    alerting: Alerting,
    // After Prometheus, which reads it.
    _directory: TempDir,
}

impl Watched {
    /// Watches a mirror, and more jobs of the repository's configuration. The jobs that are not given are well and say nothing.
    pub(crate) fn start(mirror: SocketAddr, jobs: &[(&str, SocketAddr)]) -> Self {
        let alerting = Alerting::start(Generation::Trixie);
        let directory = temporary();
        let path = hurried(directory.path(), mirror);
        let config = fs::read_to_string(&path).expect("it was just written");
        let config = with_targets(&config, alerting.alertmanager.address(), &|job| match job {
            "mirror" => Some(mirror),
            _ => jobs.iter().find(|(name, _)| *name == job).map(|(_, address)| *address),
        });
        fs::write(&path, config).expect("the directory is the test's own");
        let prometheus = Prometheus::start(&path);
        prometheus.until("with targets that are up", |it| {
            let targets = it.targets();
            (!targets.is_empty() && targets.iter().all(|target| target["health"] == "up")).then_some(())
        });
        Self { prometheus, alerting, _directory: directory }
    }

    /// Waits until people read of an alert, in the words of its rule, and nothing else in the same message. `fault` is when
    /// things went wrong, `pending` the `for` of the rule.
    pub(crate) fn tells(&self, alert: &str, fault: Instant, pending: Duration) -> Message {
        let firing = self.prometheus.until(&format!("firing {alert}"), |it| {
            let is_it = |it: &Value| it["labels"]["alertname"] == alert && it["state"] == "firing";
            it.alerts().into_iter().find(is_it)
        });
        let expected = text_of(&firing);
        let is_it = |message: &Message| (without_time(&message.text) == expected).then(|| message.clone());
        let message = self.alerting.telegram.wait_for(&format!("that says\n{expected}\n"), is_it);
        let waited = message.at.saturating_duration_since(fault);
        assert!(waited <= pending + PROMPT, "{alert} took {waited:?}");
        message
    }

    /// Waits until people read that it is over, and gives what they read.
    pub(crate) fn tells_the_end_of(&self, alert: &str) -> String {
        let is_it = |text: &str| text.split_once("✅ Resolved").is_some_and(|(_, over)| over.contains(alert));
        let text = |message: &Message| is_it(&message.text).then(|| message.text.clone());
        self.alerting.telegram.wait_for(&format!("that tells of the end of {alert}"), text)
    }
}

/// What people are to read when this alert of Prometheus fires alone.
fn text_of(alert: &Value) -> String {
    let label = |name: &str| alert["labels"][name].as_str().expect("the rule has it").to_owned();
    let note = |name: &str| alert["annotations"][name].as_str().unwrap_or_default().to_owned();
    let (summary, description) = (note("summary"), note("description"));
    let (head, body, end) = match label("severity").as_str() {
        "critical" => {
            ("🚨 CRITICAL ALERT", format!("⚠️ {summary}\n{description}"), "\n\nAction required immediately!")
        }
        "warning" => ("⚠️ Warning", description, ""),
        _ => ("ℹ️ Info", format!("{summary}\n{description}"), ""),
    };
    let runbook = if note("runbook_url").is_empty() { "" } else { "\nRunbook" };
    let [name, component] = ["alertname", "component"].map(label);
    format!("{head}\n\n{name}\nComponent: {component}\n\n{body}\n\nStarted: …{runbook}\nGraph{end}")
}

fn without_time(text: &str) -> String {
    let lines = text.lines().map(|line| if line.starts_with("Started: ") { "Started: …" } else { line });
    lines.collect::<Vec<_>>().join("\n")
}

/// A configuration of Prometheus with other addresses.
fn with_targets(
    config: &str,
    alertmanager: SocketAddr,
    target: &impl Fn(&str) -> Option<SocketAddr>,
) -> String {
    let nothing = placeholder();
    let mut job = None;
    let changed = config.lines().map(|line| {
        if line == "alerting:" {
            job = None;
        }
        if let Some(name) = line.trim_start_matches([' ', '-']).strip_prefix("job_name: ") {
            job = Some(name.to_owned());
        }
        let Some((before, _)) = line.split_once("targets: [") else { return format!("{line}\n") };
        let address = job.as_ref().map_or(alertmanager, |job| target(job).unwrap_or(nothing));
        format!("{before}targets: [\"{address}\"]\n")
    });
    changed.collect()
}

/// Somebody who can be scraped and has nothing to say. Its thread ends with the tests.
fn placeholder() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            // Prometheus sends all of a request at once, and comes again where something goes wrong.
            let _ = stream.read(&mut [0; 4096]);
            let head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nConnection: close\r\n";
            let _ = stream.write_all(format!("{head}Content-Length: 0\r\n\r\n").as_bytes());
        }
    });
    address
}
