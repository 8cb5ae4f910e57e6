//! The whole way of an alert: programs, a real Prometheus with the repository's rules, a real Alertmanager, a Telegram.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use tachograph_servers::generation::Generation;
use tachograph_servers::process::PATIENCE;
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
    _turn: MutexGuard<'static, ()>,
}

/// How long it takes to tell people is measured, so one after the other: two sets of servers at once would wait for each other.
static TURN: Mutex<()> = Mutex::new(());

impl Watched {
    /// Watches a mirror, and more targets of the repository's configuration. The jobs that are not given are well and say nothing.
    pub(crate) fn start(mirror: SocketAddr, others: &[(&str, SocketAddr)]) -> Self {
        // A test that failed leaves nothing behind.
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let alerting = Alerting::start(Generation::Trixie);
        let directory = temporary();
        let path = hurried(directory.path(), mirror);
        let config = fs::read_to_string(&path).expect("it was just written");
        let given: Vec<_> = [("mirror", mirror)].iter().chain(others).copied().collect();
        let config = with_targets(&config, alerting.alertmanager.address(), &given);
        fs::write(&path, config).expect("the directory is the test's own");
        let prometheus = Prometheus::start(&path);
        // Each of them once: on a busy machine one or another is late now and then.
        prometheus.until("with targets that are up", |it| {
            let targets = it.targets().len();
            (targets > 0 && it.query("max_over_time(up[2m]) == 1").len() == targets).then_some(())
        });
        Self { prometheus, alerting, _directory: directory, _turn: turn }
    }

    /// Waits until people read of an alert, in the words of its rule: alone, or in a few of them beside others of its component.
    /// `fault` is when things went wrong, `pending` how long it takes from there to the end of the rule's `for`.
    pub(crate) fn tells(&self, alert: &str, fault: Instant, pending: Duration) -> Message {
        // The value in a text changes with each evaluation, and people get that of one of them.
        let mut texts = Vec::new();
        let deadline = Instant::now() + PATIENCE;
        let message = loop {
            let alerts = self.prometheus.alerts();
            let is_it = |it: &&Value| it["labels"]["alertname"] == alert && it["state"] == "firing";
            texts.extend(alerts.iter().filter(is_it).map(Texts::of));
            let messages = self.alerting.telegram.messages();
            let is_told = |message: &&Message| {
                let text = without_times(&message.text);
                message.at >= fault && texts.iter().any(|texts| texts.are_in(&text))
            };
            if let Some(message) = messages.iter().find(is_told) {
                break message.clone();
            }
            let told = messages.iter().filter(|message| message.at >= fault).map(|message| &message.text);
            assert!(
                Instant::now() < deadline,
                "nobody was told of {alert} within {PATIENCE:?}, but {:#?}\n{alerts:#?}",
                told.collect::<Vec<_>>()
            );
            thread::sleep(Duration::from_millis(50));
        };
        let waited = message.at.saturating_duration_since(fault);
        println!("{alert}: {:.1} s, of which {:.1} s at least", waited.as_secs_f64(), pending.as_secs_f64());
        assert!(waited <= pending + PROMPT, "{alert} took {waited:?}");
        message
    }

    /// Waits until people read that it is over, and gives what they read. `mended` is when things went right again, `held` how
    /// long the alert goes on firing from there.
    pub(crate) fn tells_the_end_of(&self, alert: &str, mended: Instant, held: Duration) -> String {
        let is_it = |message: &Message| message.at >= mended && tells_the_end(&message.text, alert);
        let message = self
            .alerting
            .telegram
            .wait_for(&format!("that tells of the end of {alert}"), |it| is_it(it).then(|| it.clone()));
        let waited = message.at.saturating_duration_since(mended);
        println!(
            "{alert} is over: {:.1} s, of which up to {:.1} s held",
            waited.as_secs_f64(),
            held.as_secs_f64()
        );
        assert!(waited <= held + PROMPT, "the end of {alert} took {waited:?}");
        message.text
    }

    /// Whether people have read since then that it is over.
    pub(crate) fn has_told_the_end_of(&self, alert: &str, since: Instant) -> bool {
        let messages = self.alerting.telegram.messages();
        messages.iter().any(|message| message.at >= since && tells_the_end(&message.text, alert))
    }

    /// Whether people have read of an alert since then.
    pub(crate) fn has_told(&self, alert: &str, since: Instant) -> bool {
        let messages = self.alerting.telegram.messages();
        messages.iter().any(|message| message.at >= since && message.text.contains(alert))
    }

    /// What watches.
    pub(crate) fn prometheus(&self) -> &Prometheus {
        &self.prometheus
    }
}

fn tells_the_end(text: &str, alert: &str) -> bool {
    text.split_once("✅ Resolved").is_some_and(|(_, over)| over.contains(&format!("\n\n{alert}\n")))
}

/// What people are to read of one alert.
struct Texts {
    alone: String,
    among_others: String,
}

impl Texts {
    fn of(alert: &Value) -> Self {
        Self { alone: without_times(&text_of(alert)), among_others: without_times(&line_of(alert)) }
    }

    /// Whether a message says this, and of this alert nothing else.
    fn are_in(&self, message: &str) -> bool {
        let firing = message.split("\n\n✅ Resolved").next().unwrap_or_default();
        firing == self.alone || firing.contains(&self.among_others)
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

/// What people are to read of it when others fire as well.
fn line_of(alert: &Value) -> String {
    let label = |name: &str| alert["labels"][name].as_str().expect("the rule has it").to_owned();
    let summary = alert["annotations"]["summary"].as_str().expect("the rule has it");
    format!("\n\n{} ({}), … UTC\n{summary}\nRunbook\n", label("alertname"), label("component"))
}

fn without_times(text: &str) -> String {
    let lines = text.lines().map(|line| match line.split_once("), ") {
        _ if line.starts_with("Started: ") => "Started: …".to_owned(),
        Some((before, after)) if after.ends_with(" UTC") => format!("{before}), … UTC"),
        _ => line.to_owned(),
    });
    lines.map(|line| line + "\n").collect()
}

/// A configuration of Prometheus with other addresses.
fn with_targets(config: &str, alertmanager: SocketAddr, given: &[(&str, SocketAddr)]) -> String {
    let nothing = placeholder();
    let mut job = None;
    let changed = config.lines().map(|line| {
        if line == "alerting:" {
            job = None;
        }
        if let Some(name) = line.trim_start_matches([' ', '-']).strip_prefix("job_name: ") {
            job = Some(name.to_owned());
            // Its exporter takes a second to say that there is no PostgreSQL.
            let slower = if name == "postgres" { "    scrape_interval: 2s\n" } else { "" };
            return format!("{line}\n{slower}");
        }
        let Some((before, _)) = line.split_once("targets: [") else { return format!("{line}\n") };
        let addresses: Vec<_> = match &job {
            None => vec![alertmanager],
            Some(job) => given.iter().filter(|(name, _)| name == job).map(|(_, address)| *address).collect(),
        };
        let addresses = if addresses.is_empty() { vec![nothing] } else { addresses };
        let quoted: Vec<_> = addresses.iter().map(|address| format!("\"{address}\"")).collect();
        format!("{before}targets: [{}]\n", quoted.join(", "))
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
