//! Prometheus' own tool finds nothing wrong.

use tachograph_servers::promtool::{check, promtool};
use tachograph_servers::target::alerts;

use crate::scrape_config::{rule_files, rule_test_files};

#[test]
fn the_rules() {
    check(promtool(&["check", "rules", "--lint=all", "--lint-fatal"]).args(rule_files()), "");
}

#[test]
fn the_tests_of_the_rules() {
    check(promtool(&["test", "rules"]).args(rule_test_files()), "");
}

#[test]
fn the_configurations() {
    for name in ["prometheus.yml", "prometheus.compose.yml"] {
        check(promtool(&["check", "config"]).arg(alerts().join(name)), "");
    }
}
