//! The dashboards are those that the tool writes, and Prometheus answers what they ask.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tachograph_servers::mirror::Mirror;
use tachograph_servers::prometheus::Prometheus;
use tachograph_servers::target::{alerts, temporary};

use crate::proof::tachograph;
use crate::scrape_config::hurried;

#[test]
fn the_files_are_those_that_the_tool_writes() {
    let directory = temporary();
    let written = directory.path().to_str().expect("a plain path");
    let output = tachograph(&["dashboards", "--output", written]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let remedy = "`cargo run -p tachograph-tool -- dashboards` writes alerts/dashboards anew";
    assert!(files(directory.path()) == files(&alerts().join("dashboards")), "{remedy}");
}

#[test]
fn prometheus_answers_every_query_and_the_functions_have_data() {
    let mirror = Mirror::start();
    let directory = temporary();
    let prometheus = Prometheus::start(&hurried(directory.path(), mirror.metrics()));
    for (name, dashboard) in files(&alerts().join("dashboards")) {
        let dashboard: Value = serde_json::from_str(&dashboard).expect("it is JSON");
        for panel in dashboard["panels"].as_array().expect("it has panels") {
            // None of the mirror's functions says how many of its calls are under way.
            let has_data = name == "functions.json" && panel["title"] != "Calls under way";
            for target in panel["targets"].as_array().into_iter().flatten() {
                let query = chosen(target["expr"].as_str().expect("a target has a query"));
                if has_data {
                    prometheus.until(&format!("with data for {query}"), |it| it.query(&query).pop());
                } else {
                    // It panics where Prometheus has anything but an answer.
                    prometheus.query(&query);
                }
            }
        }
    }
}

/// A query as Grafana sends it where everything is chosen.
fn chosen(query: &str) -> String {
    let variables = ["$job", "$component", "$function", "$instance"];
    variables.iter().fold(query.replace("$__rate_interval", "30s"), |query, it| query.replace(it, ".*"))
}

/// The names and contents of the files of a folder.
fn files(folder: &Path) -> Vec<(String, String)> {
    let entries =
        fs::read_dir(folder).unwrap_or_else(|error| panic!("cannot read {}: {error}", folder.display()));
    let read = |path: &Path| fs::read_to_string(path).expect("it was listed");
    let mut files: Vec<_> = entries
        .flatten()
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), read(&entry.path())))
        .collect();
    files.sort();
    files
}
