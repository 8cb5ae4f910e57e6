//! The tool tells which changes of a rule its tests do not notice.

use std::fs;
use std::path::Path;
use std::process::Command;

use tachograph_servers::cargo;
use tachograph_servers::target::temporary;
use tachograph_servers::tool::PROMTOOL;

const RULES: &str = r#"
groups:
  - name: workers
    rules:
      - record: job:busy:sum
        expr: sum by (job) (worker_busy)
      - alert: Busy
        expr: job:busy:sum > 4
        for: 2m
      - alert: Other
        expr: worker_active > 4
"#;

/// Fires well above the threshold and is quiet well below it: what is just at it, nobody looks at.
const TESTS: &str = r#"
rule_files: [../rules/workers.yml]
evaluation_interval: 1m
tests:
  - interval: 1m
    input_series:
      - { series: 'worker_busy{job="a", queue="b"}', values: 2x3 6x6 }
      - { series: 'worker_busy{job="a", queue="c"}', values: 0x3 3x6 }
    alert_rule_test:
      - { alertname: Busy, eval_time: 5m, exp_alerts: [] }
      - { alertname: Busy, eval_time: 6m, exp_alerts: [{ exp_labels: { job: a } }] }
"#;

struct Said {
    is_success: bool,
    output: String,
    errors: String,
}

fn mutate(directory: &Path, arguments: &[&str]) -> Said {
    let mut command = Command::new(cargo::build("tachograph-tool", "--bin", "tachograph"));
    command.args(["mutate", "--rules", "workers.yml", "--promtool"]).arg(PROMTOOL.path()).args(arguments);
    let output = command.current_dir(directory).output().expect("it was built");
    let [errors, text] =
        [output.stderr, output.stdout].map(|text| String::from_utf8(text).expect("it writes texts"));
    Said { is_success: output.status.success(), output: text, errors }
}

fn pack(files: &[(&str, &str)]) -> tempfile::TempDir {
    let directory = temporary();
    for (file, content) in files {
        let path = directory.path().join("alerts").join(file);
        fs::create_dir_all(path.parent().expect("it is in a folder"))
            .expect("the directory is the test's own");
        fs::write(path, content).expect("the directory is the test's own");
    }
    directory
}

#[test]
fn what_no_test_notices_is_told_with_its_place() {
    let directory = pack(&[("rules/workers.yml", RULES), ("tests/workers.yml", TESTS)]);
    let said = mutate(directory.path(), &["--rule", "Busy"]);
    let survivors: Vec<_> = said.output.lines().filter(|line| line.contains("survives")).collect();
    assert_eq!(
        survivors,
        [
            "alerts/rules/workers.yml:8: survives: workers.yml | Busy | `>` → `>=`",
            "alerts/rules/workers.yml:8: survives: workers.yml | Busy | `4` → `2`",
            "alerts/rules/workers.yml:8: survives: workers.yml | Busy | `4` → `8`",
        ]
    );
    assert!(!said.is_success && said.errors.contains("fewer than 90 %"), "{}", said.errors);
}

#[test]
fn a_recorded_series_is_tested_by_the_alerts_that_need_it() {
    let directory = pack(&[("rules/workers.yml", RULES), ("tests/workers.yml", TESTS)]);
    let said = mutate(directory.path(), &["--rule", "job:busy:sum", "--minimum", "50"]);
    assert!(said.is_success, "{}", said.errors);
    assert!(
        said.output.contains("`sum` → `max`") && !said.output.contains("without `job`"),
        "{}",
        said.output
    );
}

#[test]
fn a_rule_without_a_test_has_none_of_its_changes_noticed() {
    let directory = pack(&[("rules/workers.yml", RULES), ("tests/workers.yml", TESTS)]);
    let said = mutate(directory.path(), &["--rule", "Other"]);
    assert!(said.output.contains("workers.yml: 0 of 4 noticed"), "{}", said.output);
}

#[test]
fn a_survivor_may_be_accepted_and_a_line_that_accepts_none_is_an_error() {
    let accepted = "workers.yml | Busy | `>` → `>=` | never exactly at it\nworkers.yml | Busy | for: `2m` → `0s` | a test tells\n";
    let files =
        [("rules/workers.yml", RULES), ("tests/workers.yml", TESTS), ("tests/survivors.txt", accepted)];
    let said = mutate(pack(&files).path(), &["--rule", "Busy"]);
    assert!(!said.output.contains("`>` → `>=`") && said.output.contains("1 accepted"), "{}", said.output);
    assert!(
        said.errors.contains("alerts/tests/survivors.txt:2: accepts a mutant that does not survive"),
        "{}",
        said.errors
    );
}

#[test]
fn a_query_in_a_test_has_all_the_rules_that_it_asks_about() {
    let query = "    promql_expr_test:\n      - { expr: 'count(ALERTS)', eval_time: 6m, exp_samples: [{ labels: '{}', value: 2 }] }\n";
    let series = "      - { series: 'worker_active{job=\"a\"}', values: 5x9 }\n    alert_rule_test:";
    let tests = TESTS.replace("    alert_rule_test:", series) + query;
    let said = mutate(
        pack(&[("rules/workers.yml", RULES), ("tests/workers.yml", &tests)]).path(),
        &["--rule", "Busy"],
    );
    assert!(!said.errors.contains("before anything is changed"), "{}", said.errors);
}

#[test]
fn tests_that_fail_from_the_start_are_told_of() {
    let tests = TESTS.replace("job: a }", "job: b }");
    let said = mutate(
        pack(&[("rules/workers.yml", RULES), ("tests/workers.yml", &tests)]).path(),
        &["--rule", "Busy"],
    );
    assert!(said.errors.contains("the tests fail before anything is changed"), "{}", said.errors);
}

#[test]
fn a_sample_is_always_the_same() {
    let directory = pack(&[("rules/workers.yml", RULES), ("tests/workers.yml", TESTS)]);
    let [first, second] =
        [(), ()].map(|()| mutate(directory.path(), &["--sample", "5", "--jobs", "2"]).output);
    assert_eq!(first, second);
    assert!(first.contains("of 5 noticed"), "{first}");
}
