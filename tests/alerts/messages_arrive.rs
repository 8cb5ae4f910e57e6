//! What people read, from alerts that a real Alertmanager groups, inhibits and sends.

use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tachograph_servers::generation::Generation;
use tachograph_servers::target::alerts;
use tachograph_servers::telegram::Failure;
use tachograph_servers::tool::AMTOOL;

use crate::alerting::{Alerting, GENERATIONS, alert, fresh, resolved};
use crate::scrape_config::read;

const RUNBOOK: &str = "https://example.com/runbooks/HighErrorRate.md";

fn in_each_generation(test: impl Fn(&Alerting)) {
    for generation in GENERATIONS {
        test(&Alerting::start(generation));
    }
}

/// An alert with everything that a rule gives it, and the link that Prometheus adds.
fn complete(severity: &str) -> Value {
    let labels = [("severity", severity), ("component", "downloads"), ("job", "mirror")];
    let annotations = [
        ("summary", "Downloads of mirror fail"),
        ("description", "34.5% of the downloads failed;\n  the threshold is 20%."),
        ("runbook_url", RUNBOOK),
    ];
    let mut alert = alert("HighDownloadFailureRate", &labels, &annotations);
    alert["generatorURL"] = json!("http://127.0.0.1:9091/graph?g0.expr=a+%3E+0.2&g0.tab=1");
    alert
}

fn check(severity: &str, expected: &str) {
    in_each_generation(|alerting| {
        alerting.alertmanager.post(&json!([complete(severity)]));
        let message = alerting.telegram.wait_for("that names it", |message| Some(message.clone()));
        assert_eq!(message.text, expected);
        assert_eq!(message.links, [RUNBOOK, "http://127.0.0.1:9091/graph?g0.expr=a%20%3E%200.2&g0.tab=1"]);
        assert_eq!(message.is_silent, severity == "info");
        assert_eq!(alerting.telegram.refusals(), [""; 0]);
    });
}

#[test]
fn a_critical_alert_asks_for_action() {
    let expected = "🚨 CRITICAL ALERT\n\nHighDownloadFailureRate\nComponent: downloads\n\n\
        ⚠️ Downloads of mirror fail\n34.5% of the downloads failed; the threshold is 20%.\n\n\
        Started: 18:45:23 UTC, 8 Feb\nRunbook\nGraph\n\nAction required immediately!";
    check("critical", expected);
}

#[test]
fn a_warning_describes() {
    let expected = "⚠️ Warning\n\nHighDownloadFailureRate\nComponent: downloads\n\n\
        34.5% of the downloads failed; the threshold is 20%.\n\n\
        Started: 18:45:23 UTC, 8 Feb\nRunbook\nGraph";
    check("warning", expected);
}

#[test]
fn an_info_is_silent() {
    let expected = "ℹ️ Info\n\nHighDownloadFailureRate\nComponent: downloads\n\n\
        Downloads of mirror fail\n34.5% of the downloads failed; the threshold is 20%.\n\n\
        Started: 18:45:23 UTC, 8 Feb\nRunbook\nGraph";
    check("info", expected);
}

#[test]
fn a_resolution_tells_no_stale_value() {
    in_each_generation(|alerting| {
        alerting.alertmanager.post(&json!([complete("critical")]));
        alerting.text_naming("CRITICAL");
        alerting.alertmanager.post(&json!([resolved(complete("critical"), "2026-02-08T19:48:00Z")]));
        let expected =
            "✅ Resolved\n\nHighDownloadFailureRate\nComponent: downloads\nJob: mirror\nLasted: 1h2m37s";
        assert_eq!(alerting.text_naming("Resolved"), expected);
    });
}

#[test]
fn one_of_two_is_resolved() {
    in_each_generation(|alerting| {
        let of = |instance| {
            let mut alert = complete("warning");
            alert["labels"]["instance"] = json!(instance);
            alert
        };
        alerting.alertmanager.post(&json!([of("a:1"), of("b:1")]));
        let both = alerting.text_naming("Warning: 2 alerts");
        assert_eq!(
            both.matches(
                "\n\nHighDownloadFailureRate (downloads), 18:45:23 UTC\nDownloads of mirror fail\nRunbook"
            )
            .count(),
            2
        );
        alerting.alertmanager.post(&json!([resolved(of("a:1"), "2026-02-08T18:46:00Z")]));
        let text = alerting.text_naming("Resolved");
        assert!(
            text.starts_with("⚠️ Warning\n\nHighDownloadFailureRate\nComponent: downloads\n\n34.5%"),
            "{text}"
        );
        let end = "\n\n✅ Resolved\n\nHighDownloadFailureRate\nComponent: downloads\nJob: mirror\nInstance: a:1\nLasted: 37s";
        assert!(text.ends_with(end), "{text}");
    });
}

#[test]
fn texts_are_never_taken_for_markup() {
    let text = "Vec<T> & \"x\" 'y' </b> &amp; 🙂 {{ .Labels }} ${A} 1 + 1 <script>";
    in_each_generation(|alerting| {
        let labels = [("severity", "critical"), ("component", "<b>&")];
        let annotations = [("summary", text), ("description", text), ("runbook_url", "javascript:alert(1)")];
        alerting.alertmanager.post(&json!([alert("A<i>&", &labels, &annotations)]));
        let message = alerting.text_naming("CRITICAL");
        let expected = format!(
            "🚨 CRITICAL ALERT\n\nA<i>&\nComponent: <b>&\n\n⚠️ {text}\n{text}\n\n\
             Started: 18:45:23 UTC, 8 Feb\n\nAction required immediately!"
        );
        assert_eq!(message, expected);
    });
}

#[test]
fn an_alert_without_annotations_and_component_arrives() {
    in_each_generation(|alerting| {
        for severity in ["critical", "warning", "info"] {
            let bare = alert(&format!("Bare-{severity}"), &[("severity", severity)], &[("summary", "")]);
            alerting.alertmanager.post(&json!([bare]));
        }
        // Nobody knows this severity.
        alerting.alertmanager.post(&json!([alert("Bare-fatal", &[("severity", "fatal")], &[])]));
        assert_eq!(
            alerting.text_naming("Bare-critical"),
            "🚨 CRITICAL ALERT\n\nBare-critical\n\nStarted: 18:45:23 UTC, 8 Feb\n\nAction required immediately!"
        );
        assert_eq!(
            alerting.text_naming("Bare-warning"),
            "⚠️ Warning\n\nBare-warning\n\nStarted: 18:45:23 UTC, 8 Feb"
        );
        assert_eq!(alerting.text_naming("Bare-info"), "ℹ️ Info\n\nBare-info\n\nStarted: 18:45:23 UTC, 8 Feb");
        assert!(alerting.text_naming("Bare-fatal").starts_with("⚠️ Warning"));
    });
}

#[test]
fn two_hundred_wordy_alerts_make_one_short_message() {
    // The characters that take most room once they are escaped.
    for filler in ["\"", "é🙂", "a&b ", "<"] {
        let wordy = |number: usize| {
            let name = format!("Wordy{number:03}{}", filler.repeat(300));
            let long = filler.repeat(3000);
            let labels = [
                ("severity", "critical"),
                ("component", &*filler.repeat(200)),
                ("job", &*long),
                ("instance", &*long),
            ];
            let runbook = format!("https://example.com/{}", "&=+".repeat(24));
            let mut alert = alert(
                &name,
                &labels,
                &[("summary", &long), ("description", &long), ("runbook_url", &runbook)],
            );
            alert["generatorURL"] = json!(format!("http://127.0.0.1/graph?g0.expr={}", "+%26".repeat(200)));
            alert
        };
        let alerting = Alerting::start(Generation::Sid);
        let all: Vec<Value> = (0..200).map(wordy).collect();
        alerting.alertmanager.post(&json!(all[..1]));
        alerting.text_naming("CRITICAL ALERT\n");
        alerting.alertmanager.post(&json!(all));
        let text = alerting.text_naming("CRITICAL ALERT: 200 alerts");
        assert_eq!(text.matches("\n\nWordy").count(), 10);
        assert!(text.contains("\n\nand 190 more: Alertmanager\n\nAction required immediately!"), "{text}");
        let over = |alert: &Value| resolved(alert.clone(), "2026-02-08T19:48:00Z");
        alerting.alertmanager.post(&json!(all[100..].iter().map(over).collect::<Vec<_>>()));
        let text = alerting.text_naming("✅ Resolved: 100 alerts");
        assert_eq!(
            (text.matches("and 93 more: Alertmanager").count(), text.matches("and 97 more").count()),
            (1, 1)
        );
        alerting.alertmanager.post(&json!(all[..100].iter().map(over).collect::<Vec<_>>()));
        let deadline = "that tells of the end";
        alerting
            .telegram
            .wait_for(deadline, |message| message.text.starts_with("✅ Resolved: 100 alerts").then_some(()));

        assert_eq!(alerting.telegram.refusals(), [""; 0]);
        for message in alerting.telegram.messages() {
            let length = message.html.chars().count();
            assert!(length <= 3500, "{length} characters: {}", message.html);
        }
    }
}

#[test]
fn a_burst_of_criticals_is_one_message_within_seconds() {
    for generation in GENERATIONS {
        // With the waits of life.
        let alerting = Alerting::start_with(generation, &[], str::to_owned);
        let began = Instant::now();
        for number in 0..80 {
            let instance = format!("host{number}:9464");
            let labels = [("severity", "critical"), ("component", "infrastructure"), ("instance", &instance)];
            alerting.alertmanager.post(&json!([fresh(&format!("Down{}", number % 7), &labels)]));
        }
        let message = alerting.telegram.wait_for("at all", |message| Some(message.clone()));
        assert!(message.text.starts_with("🚨 CRITICAL ALERT: 80 alerts\n"), "{}", message.text);
        let waited = message.at - began;
        assert!((Duration::from_millis(950)..Duration::from_secs(5)).contains(&waited), "{waited:?}");
    }
}

#[test]
fn a_telegram_that_fails_gets_the_message_later() {
    in_each_generation(|alerting| {
        alerting.telegram.fail([429, 500, 400, 403].map(Failure::Status));
        alerting.telegram.fail([Failure::Hang(Duration::from_secs(1))]);
        alerting.alertmanager.post(&json!([complete("critical")]));
        alerting.text_naming("HighDownloadFailureRate");
        assert_eq!(alerting.telegram.failures_left(), 0);
        assert_eq!(alerting.telegram.messages().len(), 1);
    });
}

#[test]
fn the_test_alert_that_operators_are_told_of() {
    let page = read(&alerts().join("README.md"));
    let begin =
        page.find("amtool --alertmanager.url=http://localhost:9093 alert add").expect("the page has it");
    let command = page[begin..].split("```").next().expect("split gives one item or more");
    for generation in GENERATIONS {
        let alerting = Alerting::start(generation);
        let url = format!("http://{}", alerting.alertmanager.address());
        let command = command.replace("amtool", "\"$AMTOOL\"").replace("http://localhost:9093", &url);
        let output = Command::new("sh").arg("-c").arg(command).env("AMTOOL", AMTOOL.of(generation)).output();
        let output = output.expect("there is a shell");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = alerting.text_naming("Test");
        let expected = "⚠️ Warning\n\nTest\nComponent: application\n\nNothing is wrong.\n\nStarted: ";
        assert!(text.starts_with(expected), "{text}");
    }
}
