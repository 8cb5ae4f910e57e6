//! Alertmanager's own tool finds nothing wrong, and makes the same message in every generation.

use std::fs;
use std::process::{Command, Output};

use serde_json::json;
use tachograph_servers::generation::Generation;
use tachograph_servers::target::{alerts, temporary};
use tachograph_servers::tool::AMTOOL;

use crate::alerting::{GENERATIONS, alert, rendered};

fn check_config(generation: Generation, variables: &[(&str, &str)]) -> (bool, String) {
    let directory = temporary();
    let config = rendered(directory.path(), "https://api.telegram.org", variables);
    let output = Command::new(AMTOOL.of(generation)).arg("check-config").arg(config).output();
    let Output { status, stdout, stderr } = output.expect("amtool runs");
    (status.success(), [stdout, stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat())
}

#[test]
fn the_rendered_configuration() {
    for generation in GENERATIONS {
        for variables in [&[][..], &[("HEARTBEAT_URL", "https://example.com/ping")]] {
            let (is_accepted, said) = check_config(generation, variables);
            assert!(is_accepted, "{generation}: {said}");
            for found in ["7 inhibit rules", "4 receivers", "1 templates"] {
                assert!(said.contains(found), "{generation} found no {found}: {said}");
            }
        }
    }
}

#[test]
fn an_alertmanager_that_reads_no_token_from_a_file_says_so() {
    let (is_accepted, said) = check_config(Generation::Bookworm, &[]);
    assert!(!is_accepted && said.contains("field bot_token_file not found"), "{said}");
}

#[test]
fn every_message_is_the_same_in_every_generation() {
    let directory = temporary();
    let data = directory.path().join("data.json");
    let alerts_of = |status: &str| {
        let mut alert =
            alert("A<b>", &[("component", "x & y")], &[("summary", "\"s\""), ("description", "d 🙂")]);
        alert["status"] = json!(status);
        alert["endsAt"] = json!("2026-02-08T19:00:00Z");
        alert["generatorURL"] = json!("http://a/graph?g0.expr=up+0");
        alert
    };
    let all = [alerts_of("firing"), alerts_of("firing"), alerts_of("resolved")];
    fs::write(&data, json!({ "status": "firing", "alerts": all, "externalURL": "http://a" }).to_string())
        .expect("the directory is the test's own");
    for message in ["critical", "warning", "info"] {
        let made = Generation::ALL.map(|generation| {
            let mut command = Command::new(AMTOOL.of(generation));
            command.args(["template", "render", "--template.type=html"]);
            command
                .arg(format!("--template.glob={}", alerts().join("alertmanager/templates/*.tmpl").display()));
            command.arg(format!("--template.text={{{{ template \"telegram.{message}\" . }}}}"));
            let output =
                command.arg(format!("--template.data={}", data.display())).output().expect("amtool runs");
            assert!(output.status.success(), "{generation}: {}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8(output.stdout).expect("it is text")
        });
        assert!(made[0].contains(": 2 alerts\n\n<b>A&lt;b&gt;</b> (x &amp; y)"), "{}", made[0]);
        assert!(made.iter().all(|it| *it == made[0]), "{made:#?}");
    }
}
