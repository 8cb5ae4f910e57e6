//! A real Alertmanager with the repository's routes and messages, and a Telegram that receives them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::{Value, json};
use tachograph_servers::alertmanager::Alertmanager;
use tachograph_servers::cargo;
use tachograph_servers::generation::Generation;
use tachograph_servers::target::{alerts, temporary};
use tachograph_servers::telegram::{CHAT, TOKEN, Telegram};
use tempfile::TempDir;

/// Those that can read the token from a file.
pub(crate) const GENERATIONS: [Generation; 2] = [Generation::Trixie, Generation::Sid];

/// The receiver's side of the alert pack, running.
pub(crate) struct Alerting {
    pub(crate) alertmanager: Alertmanager,
    pub(crate) telegram: Telegram,
    _directory: TempDir,
}

impl Alerting {
    /// Starts it in a hurry: whatever waits, waits a second.
    pub(crate) fn start(generation: Generation) -> Self {
        Self::start_with(generation, &[], hurried)
    }

    /// Starts it with more variables, and with what a function makes of the configuration.
    pub(crate) fn start_with(
        generation: Generation,
        variables: &[(&str, &str)],
        change: impl Fn(&str) -> String,
    ) -> Self {
        let telegram = Telegram::start();
        let directory = temporary();
        let config = rendered(directory.path(), &telegram.url(), variables);
        let text = fs::read_to_string(&config).expect("it was just written");
        fs::write(&config, change(&text)).expect("the directory is the test's own");
        Self { alertmanager: Alertmanager::start(generation, &config), telegram, _directory: directory }
    }

    /// Waits for the first message that names an alert, and gives its text.
    pub(crate) fn text_naming(&self, alert: &str) -> String {
        let text = |text: &str| text.contains(alert).then(|| text.to_owned());
        self.telegram.wait_for(&format!("that names {alert}"), |message| text(&message.text))
    }
}

/// The tool, with nothing of what is set where the tests run.
pub(crate) fn tachograph() -> Command {
    static EXECUTABLE: OnceLock<PathBuf> = OnceLock::new();
    let executable = EXECUTABLE.get_or_init(|| cargo::build("tachograph-tool", "--bin", "tachograph"));
    let mut command = Command::new(executable);
    command.env_clear();
    command
}

/// Renders the repository's configuration into a directory, as an operator does.
pub(crate) fn rendered(directory: &Path, telegram: &str, variables: &[(&str, &str)]) -> PathBuf {
    let config = directory.join("alertmanager.yml");
    let mut command = tachograph();
    command.arg("render").arg(template()).arg("--output").arg(&config).arg("--secrets").arg(directory);
    command
        .env("TELEGRAM_API_URL", telegram)
        .envs([("TELEGRAM_BOT_TOKEN", TOKEN), ("TELEGRAM_ALERT_CHAT_ID", CHAT)]);
    let output = command.envs(variables.iter().copied()).output().expect("the tool runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    config
}

/// The repository's template.
pub(crate) fn template() -> PathBuf {
    alerts().join("alertmanager/alertmanager.yml")
}

/// Every wait and every interval becomes a second.
pub(crate) fn hurried(config: &str) -> String {
    with_intervals(config, |key, duration| if key == "repeat_interval" { duration } else { 1.0 })
}

/// A configuration in which a function changed the seconds behind each key that is an interval of a route.
pub(crate) fn with_intervals(config: &str, change: impl Fn(&str, f64) -> f64) -> String {
    let changed = |line: &str| match line.trim_start().split_once(": ") {
        Some((key @ ("group_wait" | "group_interval" | "repeat_interval"), value)) => {
            let indent = &line[..line.len() - line.trim_start().len()];
            format!("{indent}{key}: {:.0}ms\n", change(key, seconds(value)) * 1e3)
        }
        _ => format!("{line}\n"),
    };
    config.lines().map(changed).collect()
}

/// Reads `2h59m`.
pub(crate) fn seconds(duration: &str) -> f64 {
    let (mut total, mut number) = (0.0, String::new());
    for character in duration.chars() {
        let unit = match character {
            's' => 1.0,
            'm' => 60.0,
            'h' => 3600.0,
            'd' => 86400.0,
            digit => {
                number.push(digit);
                continue;
            }
        };
        total += unit * number.parse::<f64>().unwrap_or_else(|_| panic!("`{duration}` is no duration"));
        number.clear();
    }
    assert!(number.is_empty(), "`{duration}` is no duration");
    total
}

/// An alert that began at a quarter to seven.
pub(crate) fn alert(name: &str, labels: &[(&str, &str)], annotations: &[(&str, &str)]) -> Value {
    let mut alert =
        json!({ "labels": { "alertname": name }, "annotations": {}, "startsAt": "2026-02-08T18:45:23Z" });
    for (group, pairs) in [("labels", labels), ("annotations", annotations)] {
        for (key, value) in pairs {
            alert[group][*key] = json!(value);
        }
    }
    alert
}

/// An alert that begins when it is handed in. An older one is not waited with: it has waited long enough.
pub(crate) fn fresh(name: &str, labels: &[(&str, &str)]) -> Value {
    let mut alert = alert(name, labels, &[]);
    alert.as_object_mut().expect("it is an object").remove("startsAt");
    alert
}

/// The same alert, over.
pub(crate) fn resolved(mut alert: Value, at: &str) -> Value {
    alert["endsAt"] = json!(at);
    alert
}
