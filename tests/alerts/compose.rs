//! compose.yaml is what Compose accepts and what it promises: pinned, on this machine alone, and without secrets in it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tachograph_servers::generation::Generation;
use tachograph_servers::target::{alerts, repository, temporary};

use crate::scrape_config::read;
use crate::yaml::{items, parsed};

const VARIABLES: [(&str, &str); 4] = [
    ("TELEGRAM_BOT_TOKEN", "123456789:what-must-not-be-seen-anywhere-"),
    ("TELEGRAM_ALERT_CHAT_ID", "-1001234567890"),
    ("POSTGRES_PASSWORD", "postgres-password"),
    ("GRAFANA_ADMIN_PASSWORD", "grafana-password"),
];

/// Compose, which reads and checks without an engine.
fn compose(file: &Path, variables: &[(&str, &str)], format: &str) -> Output {
    let package = Generation::Trixie.extracted("docker-compose");
    let package = package.unwrap_or_else(|reason| panic!("docker-compose of trixie is missing: {reason}"));
    let mut command = Command::new(package.join("usr/libexec/docker/cli-plugins/docker-compose"));
    command.env_clear().env("HOME", file.parent().expect("a folder")).envs(variables.iter().copied());
    command.arg("--file").arg(file).args(["--project-directory"]).arg(repository());
    command.args(["config", "--format", format]).output().expect("Compose runs")
}

fn accepted() -> Value {
    let Output { status, stdout, stderr } = compose(&repository().join("compose.yaml"), &VARIABLES, "json");
    assert!(status.success() && stderr.is_empty(), "{}", String::from_utf8_lossy(&stderr));
    serde_json::from_slice(&stdout).expect("it is JSON")
}

#[test]
fn it_is_accepted_and_shows_no_secret() {
    let config = accepted().to_string();
    for (name, value) in [VARIABLES[0], VARIABLES[3]] {
        assert!(!config.contains(value), "{name} is shown");
    }
    assert!(config.contains(r#"{"environment":"TELEGRAM_BOT_TOKEN","#), "the token is a secret");
}

#[test]
fn faults_are_caught() {
    let text = read(&repository().join("compose.yaml"));
    let directory = temporary();
    let path = directory.path().join("compose.yaml");
    for (from, to, expected) in [
        ("context: .", "contxt: .", "contxt"),
        ("redis: { condition", "rediss: { condition", "undefined service"),
        ("\n  redis-data:\n", "\n", "undefined volume"),
        ("secrets: [telegram_bot_token]", "secrets: [telegram_token]", "undefined secret"),
        ("127.0.0.1:9091:9090", "127.0.0.1:9091:909O", "Invalid containerPort"),
        ("condition: service_healthy", "condition: service_helthy", "condition"),
        ("cpus: 1", "cpus: one", "cpus"),
    ] {
        assert!(text.contains(from), "there is no `{from}` any more");
        fs::write(&path, text.replacen(from, to, 1)).expect("the directory is the test's own");
        let Output { status, stderr, .. } = compose(&path, &VARIABLES, "json");
        let said = String::from_utf8_lossy(&stderr);
        assert!(!status.success() && said.contains(expected), "`{to}`: {said}");
    }
}

#[test]
fn variables_that_are_missing_are_named() {
    for missing in ["TELEGRAM_ALERT_CHAT_ID", "POSTGRES_PASSWORD"] {
        let others: Vec<_> = VARIABLES.into_iter().filter(|(name, _)| *name != missing).collect();
        let Output { status, stderr, .. } = compose(&repository().join("compose.yaml"), &others, "json");
        let said = String::from_utf8_lossy(&stderr);
        assert!(!status.success() && said.contains(missing) && said.contains("set it in .env"), "{said}");
    }
}

#[test]
fn the_example_of_variables_has_all_of_them() {
    let example = read(&repository().join(".env.example"));
    let named: BTreeSet<&str> = example
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| Some(line.split_once('=')?.0))
        .collect();
    let text = read(&repository().join("compose.yaml"));
    let mut used: BTreeSet<&str> =
        text.split("${").skip(1).filter_map(|rest| rest.split([':', '}']).next()).collect();
    used.extend(text.lines().filter_map(|line| line.split_once("{ environment: ")?.1.split(' ').next()));
    assert_eq!(named, used, "left: .env.example, right: compose.yaml");
}

#[test]
fn every_port_is_for_this_machine_every_image_is_pinned_and_every_service_says_whether_it_is_well() {
    let config = accepted();
    for (name, service) in config["services"].as_object().expect("there are services") {
        for port in service["ports"].as_array().into_iter().flatten() {
            assert_eq!(port["host_ip"], "127.0.0.1", "{name}");
        }
        let image = service["image"].as_str().expect("it has an image");
        let tag = image.rsplit_once(':').map_or("", |(_, tag)| tag);
        assert!(
            tag.matches('.').count() >= 1 && tag.contains(|it: char| it.is_ascii_digit()),
            "{name}: {image}"
        );
        // It ends as soon as it is done.
        assert!(service["healthcheck"].is_object() || name == "render", "{name} has no healthcheck");
    }
    for line in read(&repository().join("Dockerfile")).lines() {
        let Some(image) = line.strip_prefix("FROM ") else { continue };
        let tag = image.split(' ').next().and_then(|image| image.split_once(':')).map_or("", |(_, tag)| tag);
        assert!(tag.matches('.').count() >= 1, "{line} is not pinned");
    }
}

#[test]
fn prometheus_has_the_jobs_of_prometheus_yml_at_services_that_there_are() {
    let [local, composed] =
        ["prometheus.yml", "prometheus.compose.yml"].map(|name| parsed(&alerts().join(name)));
    assert_eq!(local["global"], composed["global"]);
    assert_eq!(local["rule_files"], composed["rule_files"]);
    let jobs = |config: &yaml_rust2::Yaml| -> BTreeSet<String> {
        items(&config["scrape_configs"])
            .filter_map(|job| job["job_name"].as_str().map(str::to_owned))
            .collect()
    };
    let (of_local, of_composed) = (jobs(&local), jobs(&composed));
    assert!(of_local.is_subset(&of_composed), "{of_local:?} are to be in {of_composed:?}");

    let config = accepted();
    let static_configs =
        items(&composed["scrape_configs"]).chain(items(&composed["alerting"]["alertmanagers"]));
    for target in
        static_configs.flat_map(|it| items(&it["static_configs"])).flat_map(|it| items(&it["targets"]))
    {
        let (host, _) = target.as_str().and_then(|target| target.split_once(':')).expect("host and port");
        assert!(host == "localhost" || config["services"][host].is_object(), "{host} is no service");
    }
}

#[test]
fn what_is_mounted_is_there() {
    for service in accepted()["services"].as_object().expect("there are services").values() {
        for volume in service["volumes"].as_array().into_iter().flatten().filter(|it| it["type"] == "bind") {
            let source = Path::new(volume["source"].as_str().expect("it has a source"));
            assert!(source.exists(), "{} is not there", source.display());
        }
    }
}
