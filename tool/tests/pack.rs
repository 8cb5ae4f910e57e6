//! `tachograph check` of a whole pack: what its files have to do with each other.

mod command;

use std::fs;
use std::path::Path;

use command::{Said, tachograph};

const RULES: &str = r#"
groups:
  - name: workers
    rules:
      - record: alert:threshold
        labels: { alert: QueueLong }
        expr: vector(100)
      - alert: QueueLong
        expr: worker_queue_depth > on () group_left () alert:threshold{alert="QueueLong"}
        for: 5m
        labels: { severity: warning, component: workers }
        annotations:
          summary: It is long
          description: It has {{ $value }} jobs
          runbook_url: https://example.com/QueueLong.md
"#;

const TESTS: &str = r#"
rule_files: [../rules/workers.yml]
tests:
  - input_series:
      - series: worker_queue_depth{job="a", instance="b", queue="c"}
        values: 200x20
    alert_rule_test:
      - { alertname: QueueLong, eval_time: 4m, exp_alerts: [] }
      - alertname: QueueLong
        eval_time: 6m
        exp_alerts:
          - exp_labels: { job: a, instance: b, queue: c, severity: warning, component: workers }
"#;

const RUNBOOK: &str = "# QueueLong\n\n## Meaning\n\n## Impact\n\n## How to look\n\n```promql\nworker_queue_depth > 1\n```\n\n## How to mend\n\n## How to silence\n";

const DASHBOARD: &str = r#"{
  "panels": [{ "targets": [{ "expr": "rate(worker_tasks_total{job=~\"$job\"}[$__rate_interval])" }] }],
  "templating": { "list": [{ "query": "label_values(up, job)" }] }
}"#;

/// A pack with nothing wrong with it, but for one file.
fn check_with(file: &str, content: &str) -> Said {
    let folder = tempfile::tempdir().expect("a folder of our own");
    let write = |file: &str, content: &str| {
        let path = folder.path().join(file);
        fs::create_dir_all(path.parent().expect("a folder of our own")).expect("a folder of our own");
        fs::write(path, content).expect("a folder of our own");
    };
    write("alerts/rules/workers.yml", RULES);
    write("alerts/tests/workers.yml", TESTS);
    write("alerts/runbooks/QueueLong.md", RUNBOOK);
    write("alerts/dashboards/workers.json", DASHBOARD);
    if !file.is_empty() {
        write(&format!("alerts/{file}"), content);
    }
    tachograph(Path::new(folder.path()), &["check"])
}

#[track_caller]
fn refused(file: &str, content: &str, expected: &str) {
    let said = check_with(file, content);
    assert_eq!((said.code, said.errors.as_str()), (Some(1), expected));
}

#[test]
fn a_pack_in_which_everything_fits_is_accepted() {
    let said = check_with("", "");
    assert_eq!((said.code, said.errors.as_str()), (Some(0), ""));
}

#[test]
fn a_threshold_that_nobody_compares_with() {
    let rules = RULES.replace(
        "      - alert:",
        "      - record: alert:threshold\n        labels: { alert: QueueShort }\n        expr: vector(1)\n      - alert:",
    );
    refused(
        "rules/workers.yml",
        &rules,
        "error: alerts/rules/workers.yml:8: no rule compares with alert:threshold{alert=QueueShort}: take it out, or use it\n",
    );
}

#[test]
fn a_test_of_no_alert_is_one_that_promtool_passes() {
    let tests = TESTS.replace("{ alertname: QueueLong,", "{ alertname: QueueLog,");
    refused(
        "tests/workers.yml",
        &tests,
        "error: alerts/rules/workers.yml:8: no test keeps quiet QueueLong\n\
         error: alerts/tests/workers.yml:8: there is no alert `QueueLog`: promtool passes a test that expects nothing of it\n",
    );
}

#[test]
fn a_file_of_rules_that_is_not_there() {
    let tests = TESTS.replace("workers.yml]", "workers.yml, ../rules/queues.yml]");
    refused(
        "tests/workers.yml",
        &tests,
        "error: alerts/tests/workers.yml:2: there is no file alerts/tests/../rules/queues.yml: promtool passes such tests, whatever they say\n",
    );
}

#[test]
fn an_alert_that_no_test_fires() {
    let tests = TESTS.split("      - alertname: QueueLong").next().unwrap();
    refused("tests/workers.yml", tests, "error: alerts/rules/workers.yml:8: no test fires QueueLong\n");
}

#[test]
fn a_test_with_a_series_that_nobody_emits() {
    refused(
        "tests/workers.yml",
        &TESTS.replace("queue=\"c\"", "name=\"c\""),
        "error: alerts/tests/workers.yml:5: `worker_queue_depth` has no label `name`; it has (queue)\n",
    );
}

#[test]
fn up_that_goes_away_with_its_target() {
    let rules = RULES.replace("worker_queue_depth >", "up == 0 or on (job, instance) worker_queue_depth >");
    let message = "`up == 0` is gone together with its target, and no rule asks for targets that are not there: \
                   add an alert with `absent(up{job=\"…\"})`, or `… unless on (job) up`";
    refused("rules/workers.yml", &rules, &format!("error: alerts/rules/workers.yml:9: {message}\n"));
    let with_companion = rules.replace("up == 0 or", "up == 0 or on (job) absent(up{job=\"a\"}) or");
    assert_eq!(check_with("rules/workers.yml", &with_companion).errors, "");
}

#[test]
fn an_alert_without_a_page_and_a_page_without_an_alert() {
    refused(
        "runbooks/QueueShort.md",
        RUNBOOK,
        "error: alerts/runbooks/QueueShort.md: is of no alert: name it after one, or take it out\n",
    );
    refused(
        "rules/workers.yml",
        &RULES.replace("com/QueueLong", "com/LongQueue"),
        "error: alerts/rules/workers.yml:15: the runbook of QueueLong is to end in `/QueueLong.md`\n",
    );
}

#[test]
fn a_page_that_asks_for_what_nobody_emits_or_lacks_a_heading() {
    let page = RUNBOOK.replace("worker_queue_depth", "worker_queue_length").replace("## Impact", "## Effect");
    let said = check_with("runbooks/QueueLong.md", &page).errors;
    assert!(said.contains("alerts/runbooks/QueueLong.md: has no heading `## Impact`\n"), "{said}");
    assert!(said.contains("alerts/runbooks/QueueLong.md:10: nobody emits `worker_queue_length`"), "{said}");
}

#[test]
fn a_dashboard_that_asks_for_what_nobody_emits() {
    let said = check_with("dashboards/workers.json", &DASHBOARD.replace("tasks_total", "task_total")).errors;
    assert!(
        said.starts_with("error: alerts/dashboards/workers.json:2: nobody emits `worker_task_total`"),
        "{said}"
    );
    let said = check_with("dashboards/workers.json", &DASHBOARD.replace("(up,", "(down,")).errors;
    assert!(said.starts_with("error: alerts/dashboards/workers.json:3: nobody emits `down`"), "{said}");
}

#[test]
fn two_alerts_of_one_name() {
    let said = check_with("rules/again.yml", &RULES.replace("QueueLong }", "QueueLong, job: x }")).errors;
    assert!(
        said.contains(
            "alerts/rules/workers.yml:8: there is an alert QueueLong already, in alerts/rules/again.yml:8"
        ),
        "{said}"
    );
}
