//! A real Prometheus scrapes the running mirror and evaluates the repository's rules.

use serde_json::Value;
use tachograph_servers::generation::Generation;
use tachograph_servers::mirror::Mirror;
use tachograph_servers::prometheus::Prometheus;
use tachograph_servers::target::temporary;

use crate::scrape_config::hurried;
use crate::yaml::rule_count;

#[test]
fn the_mirror_its_outcomes_its_panics_and_its_end() {
    let mirror = Mirror::start();
    let directory = temporary();
    let prometheus = Prometheus::start(&hurried(directory.path(), mirror.metrics()));

    target_is_up(&prometheus);
    rules_are_healthy(&prometheus);
    all_outcomes_happen(&prometheus);
    // The load of the mirror makes one of its functions panic every now and then.
    prometheus.until("firing FunctionPanicked", |it| firing(it, "FunctionPanicked"));
    assert!(mirror.terminate().success(), "a mirror that is asked to stop does so in peace");
    prometheus.until("firing ServiceDown", |it| firing(it, "ServiceDown"));
}

#[test]
fn every_rule_is_healthy_in_each_generation() {
    let mirror = Mirror::start();
    for generation in Generation::ALL {
        let directory = temporary();
        let prometheus = Prometheus::start_of(generation, &hurried(directory.path(), mirror.metrics()));
        target_is_up(&prometheus);
        all_outcomes_happen(&prometheus);
        rules_are_healthy(&prometheus);
        // Its thresholds and its heartbeat are there.
        prometheus.until("firing Watchdog", |it| firing(it, "Watchdog"));
    }
}

fn target_is_up(prometheus: &Prometheus) {
    let target = prometheus.until("with a target that is up", |it| {
        it.targets()
            .into_iter()
            .find(|target| target["health"] == "up" && target["labels"]["job"] == "mirror")
    });
    assert_eq!(target["lastError"], "", "{target}");
    // A target counts as up a moment before its samples can be asked for.
    prometheus.until("that says so", |it| it.query("up{job=\"mirror\"} == 1").pop());
}

fn rules_are_healthy(prometheus: &Prometheus) {
    let evaluated = prometheus.until("done with every rule", |it| {
        let rules = it.rules();
        (rules.iter().all(|rule| rule["health"] != "unknown") && !rules.is_empty()).then_some(rules)
    });
    assert_eq!(evaluated.len(), rule_count(), "every rule of the repository is loaded");
    let ill: Vec<&Value> = evaluated.iter().filter(|rule| rule["health"] != "ok").collect();
    assert!(ill.is_empty(), "{ill:#?}");
}

fn all_outcomes_happen(prometheus: &Prometheus) {
    for outcome in ["ok", "error", "panic", "cancelled"] {
        let happened = format!("function_calls_total{{job=\"mirror\", outcome=\"{outcome}\"}} > 0");
        prometheus.until(&format!("with a call that ended in {outcome}"), |it| it.query(&happened).pop());
    }
}

/// The alert with that name, once it fires.
fn firing(prometheus: &Prometheus, name: &str) -> Option<Value> {
    prometheus
        .alerts()
        .into_iter()
        .find(|alert| alert["labels"]["alertname"] == name && alert["state"] == "firing")
}
