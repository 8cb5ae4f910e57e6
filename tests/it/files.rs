//! The log files as they come out of a real program.

use serde_json::{Value, json};

use super::program::run;

const KEYS: [&str; 9] =
    ["timestamp", "level", "logger", "message", "module", "function", "line", "request_id", "extra"];

/// The top-level keys in the order in which they stand in the line.
fn keys_in_order(line: &str) -> Vec<&'static str> {
    let object: serde_json::Map<String, Value> = serde_json::from_str(line).unwrap();
    let mut keys: Vec<_> = KEYS.into_iter().filter(|key| object.contains_key(*key)).collect();
    assert_eq!(keys.len(), object.len(), "a key outside of the contract: {line}");
    let place = |key: &&str| line.find(&format!("\"{key}\":")).unwrap();
    keys.sort_by_key(place);
    keys
}

#[test]
fn every_line_of_every_file_has_the_keys_of_the_contract_in_order() {
    let run = run("records", &[]).succeeds();
    for suffix in [".log", "-error.log", "-performance.log"] {
        let lines = run.lines(suffix);
        assert!(!lines.is_empty(), "{suffix}");
        for line in lines {
            let keys = keys_in_order(&line);
            let expected: Vec<_> = KEYS.into_iter().filter(|key| keys.contains(key)).collect();
            assert_eq!(keys, expected, "{line}");
            assert_eq!(keys[..4], KEYS[..4], "{line}");
        }
    }
}

#[test]
fn a_slow_call_writes_a_performance_record_with_its_fields_and_its_request() {
    let run = run("records", &[("PERFORMANCE_LOG_THRESHOLD", "10s")]).succeeds();
    let records = run.records("-performance.log");
    assert_eq!(records.len(), 2, "`slow = \"never\"` and what is below the threshold write none");
    let brake = &records[0];
    assert_eq!(brake["level"], "INFO");
    assert_eq!(brake["logger"], "scenario.performance");
    assert_eq!(brake["message"], "Performance: brake");
    assert_eq!((&brake["module"], &brake["function"]), (&json!("scenario"), &json!("brake")));
    assert_eq!(brake["request_id"], "order-17");
    let extra = &brake["extra"];
    assert_eq!((&extra["operation"], &extra["outcome"]), (&json!("brake"), &json!("error")));
    assert_eq!((&extra["train"], &extra["platform"]), (&json!("ICE 73"), &json!("A")));
    assert_eq!((&extra["doors"], &extra["weight"]), (&json!("Some(2)"), &json!(1025.0)));
    assert_eq!(extra["user"], 7, "the request's own field");
    assert!(extra["duration_seconds"].as_f64().unwrap() > 0.0);
}

#[test]
fn a_duration_measured_elsewhere_is_written_exactly() {
    let run = run("records", &[]).succeeds();
    let line = run.lines("-performance.log").pop().unwrap();
    assert!(
        line.contains(r#""duration_seconds":12.3456,"duration_ms":12345.6,"outcome":"ok","doors":4"#),
        "{line}"
    );
    assert!(!line.contains("\"module\""), "nobody knows the module: {line}");
}

#[test]
fn event_span_and_request_fields_stand_under_extra_and_the_innermost_wins() {
    let run = run("records", &[]).succeeds();
    let records = run.records(".log");
    let warned = records.iter().find(|record| record["level"] == "WARN").unwrap();
    assert_eq!(warned["message"], "slow\nahead");
    assert_eq!(warned["request_id"], "order-17");
    assert_eq!(
        warned["extra"],
        json!({"speed": "NaN", "password": "[redacted]", "user": 7, "from": "Basel"})
    );
}

#[test]
fn errors_are_in_the_error_file_too_with_their_causes() {
    let run = run("records", &[]).succeeds();
    let lines = run.lines("-error.log");
    assert_eq!(lines.len(), 1);
    assert!(run.lines(".log").contains(&lines[0]), "the same bytes");
    assert!(lines[0].contains("invalid float literal"), "{}", lines[0]);
}

#[test]
fn an_err_writes_an_event_where_its_function_asks_for_it() {
    let run = run("outcomes", &[]).succeeds();
    let failed = run.records(".log").into_iter().find(|record| record["level"] == "WARN").unwrap();
    assert_eq!((&failed["function"], &failed["logger"]), (&json!("depart"), &json!("scenario")));
    assert!(failed["message"].as_str().unwrap().contains("out of range"), "{failed}");
}

#[test]
fn a_panic_is_a_record_with_message_place_and_request() {
    let run = run("panic", &[]);
    assert_eq!(run.output.status.code(), Some(101));
    let record = run.records("-error.log").pop().unwrap();
    assert!(record["message"].as_str().unwrap().contains("the bridge is out"), "{record}");
    assert_eq!(record["request_id"], "doomed");
    assert!(record["extra"]["location"].as_str().unwrap().contains("scenario.rs"), "{record}");
    assert!(run.stderr().contains("the bridge is out"), "the program's own hook still runs");
}

#[test]
fn no_line_of_a_burst_of_eight_threads_is_lost_or_torn() {
    let run = run("burst", &[]).succeeds();
    let mut next = [0_u64; 8];
    for record in run.records(".log") {
        let extra = &record["extra"];
        let (thread, number) =
            (extra["thread"].as_u64().unwrap() as usize, extra["number"].as_u64().unwrap());
        assert_eq!(number, next[thread], "in the order of its thread, once");
        next[thread] += 1;
    }
    assert_eq!(next, [5_000; 8]);
}

#[test]
fn rotation_keeps_to_limit_and_number_and_loses_nothing_before() {
    let run = run("rotation", &[("LOG_MAX_BYTES", "65536"), ("LOG_BACKUPS", "3")]).succeeds();
    let mut names: Vec<_> = std::fs::read_dir(run.log_dir())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("scenario.log"))
        .collect();
    names.sort();
    assert_eq!(names, ["scenario.log", "scenario.log.1", "scenario.log.2", "scenario.log.3"]);
    let mut numbers = Vec::new();
    for suffix in [".log.3", ".log.2", ".log.1", ".log"] {
        let size = std::fs::metadata(run.log_dir().join(format!("scenario{suffix}"))).unwrap().len();
        assert!(size <= 65_536, "{suffix} has {size} bytes");
        numbers.extend(run.records(suffix).iter().map(|record| record["extra"]["number"].as_u64().unwrap()));
    }
    let first = numbers[0];
    assert!(numbers.len() > 800, "three full files and the current one");
    assert_eq!(numbers, (first..2_000).collect::<Vec<_>>());
}

#[test]
fn the_level_can_be_changed_while_the_program_runs() {
    let run = run("level", &[]).succeeds();
    let messages: Vec<_> = run.records(".log").iter().map(|record| record["message"].clone()).collect();
    assert_eq!(messages, ["log level changed", "after", "still"]);
    assert!(run.stdout().starts_with("level is `loud`, which is not a level"), "{}", run.stdout());
}

#[test]
fn the_console_writes_text_or_json_or_nothing() {
    let stderr = |console| run("records", &[("LOG_CONSOLE", console)]).succeeds().stderr();
    assert_eq!(stderr("off"), "");
    let json = stderr("json");
    assert!(json.lines().all(|line| !keys_in_order(line).is_empty()), "{json}");
    let text = stderr("text");
    assert!(text.contains("order-17") && text.contains("slow\\nahead"), "{text}");
    assert!(!text.contains('\u{1b}'), "no colours where there is no terminal");
}

#[test]
fn records_are_in_the_format_that_is_asked_for_and_so_is_the_console() {
    for (format, time) in [("ecs", "@timestamp"), ("otel", "timestamp"), ("gcp", "time")] {
        let run = run("records", &[("LOG_FORMAT", format), ("LOG_CONSOLE", "text")]).succeeds();
        for suffix in [".log", "-error.log", "-performance.log"] {
            let begins = |line: &String| line.starts_with(&format!("{{\"{time}\":\"20"));
            assert!(run.lines(suffix).iter().all(begins), "{format}{suffix}");
        }
        let text = run.stderr();
        let warned = text.lines().find(|line| line.contains("slow\\nahead")).unwrap();
        assert!(warned.contains("Z WARN") && warned.contains("request_id=order-17"), "{warned}");
        assert!(!text.contains("hunter2") && text.contains("password=[redacted]"), "{text}");
    }
}

#[test]
fn a_call_site_that_logs_too_often_is_silenced_and_told_of() {
    let run = run("burst", &[("LOG_RATE_LIMIT", "100")]).succeeds();
    let records = run.records(".log");
    let told: u64 = records.iter().filter_map(|record| record["suppressed"].as_u64()).sum();
    let written = records.iter().filter(|record| record["message"] == "burst").count() as u64;
    assert!(written >= 100 && told > 0, "{written} written, {told} suppressed");
    assert_eq!(written + told, 8 * 5_000, "each event is a line or is told of");
}

#[test]
fn a_record_is_cut_at_the_length_that_is_asked_for() {
    let run = run("records", &[("LOG_MAX_RECORD_BYTES", "1024")]).succeeds();
    assert!(run.lines(".log").iter().all(|line| line.len() < 1_024));
    let refused = super::program::run("records", &[("LOG_MAX_RECORD_BYTES", "10")]);
    let said = refused.stderr();
    assert!(
        said.contains("LOG_MAX_RECORD_BYTES is `10`, which is not a number of bytes from 1024"),
        "{said}"
    );
}

#[test]
fn a_closed_standard_error_harms_nobody() {
    let script = "exec \"$0\" records 2>&-";
    let run = super::program::run_through_shell(script, &[("LOG_CONSOLE", "json")]).succeeds();
    assert_eq!(run.records("-error.log").len(), 1);
}
