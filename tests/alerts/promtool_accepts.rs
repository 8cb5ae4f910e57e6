//! Prometheus' own tool finds nothing wrong, that of each generation.

use tachograph_servers::generation::Generation;
use tachograph_servers::promtool::{check, promtool_of};
use tachograph_servers::target::alerts;

use crate::scrape_config::{rule_files, rule_test_files};

#[test]
fn the_rules() {
    for generation in Generation::ALL {
        check(
            promtool_of(generation, &["check", "rules", "--lint=all", "--lint-fatal"]).args(rule_files()),
            "",
        );
    }
}

#[test]
fn the_tests_of_the_rules() {
    // From Prometheus 3 on a window no longer holds the sample at its beginning, so tests at an edge have other values there.
    for generation in Generation::ALL {
        check(promtool_of(generation, &["test", "rules"]).args(rule_test_files()), "");
    }
}

#[test]
fn the_configurations() {
    for generation in Generation::ALL {
        for name in ["prometheus.yml", "prometheus.compose.yml"] {
            check(promtool_of(generation, &["check", "config"]).arg(alerts().join(name)), "");
        }
    }
}
