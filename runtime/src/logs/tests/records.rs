//! What stands in the records.

use std::fmt;

use tracing::{Dispatch, dispatcher};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry;

use super::*;
use crate::context::Context;
use crate::field::{Fields, Value};
use crate::observer::Performance;
use crate::outcome::Outcome;

/// Runs `body` with its events going to the logs, and gives what the main file then holds.
fn logged(body: impl FnOnce(&Logs)) -> Vec<Json> {
    let dir = TestDir::new();
    let logs = dir.open(0, 0);
    dispatcher::with_default(&Dispatch::new(registry().with(logs.layer())), || body(&logs));
    logs.shutdown(LONG).unwrap();
    records(&dir.read("app.log"))
}

#[test]
fn an_event_keeps_the_types_of_its_fields() {
    let records = logged(|_| {
        tracing::warn!(
            target: "mirror::api", text = "a", display = %'b', debug = ?"c", yes = true, int = -1, big = u64::MAX,
            huge = i128::MAX, float = 0.5, unknown = f64::NAN, none = tracing::field::Empty, "hello {}", 7
        );
    });
    let record = &records[0];
    assert_eq!(record["level"], "WARN");
    assert_eq!(record["logger"], "mirror::api");
    assert_eq!(record["message"], "hello 7");
    assert_eq!(record["module"], module_path!());
    assert!(record["line"].is_number());
    assert_eq!(
        record["extra"],
        serde_json::json!({
            "text": "a", "display": "b", "debug": "\"c\"", "yes": true, "int": -1, "big": u64::MAX,
            "huge": i128::MAX.to_string(), "float": 0.5, "unknown": "NaN",
        })
    );
}

#[test]
fn a_message_may_come_as_a_field_and_may_be_absent() {
    let records = logged(|_| {
        tracing::info!(message = "as a field", a = 1);
        tracing::info!(a = 1);
    });
    assert_eq!(records[0]["message"], "as a field");
    assert_eq!(records[0]["extra"], serde_json::json!({"a": 1}));
    assert_eq!(records[1].get("message"), None);
}

#[test]
fn the_innermost_of_event_request_and_spans_wins() {
    let records = logged(|_| {
        let outer =
            tracing::info_span!("outer", a = "outer", b = "outer", c = "outer", d = "outer", message = "m");
        let _outer = outer.enter();
        let inner =
            tracing::info_span!("inner", a = "inner", b = "inner", c = "inner", late = tracing::field::Empty);
        let _inner = inner.enter();
        inner.record("late", "first");
        inner.record("late", 2);
        let context = Context::with_id("order-17").field("a", "request").field("b", "request");
        context.run(|| tracing::info!(a = "event", "inside"));
    });
    assert_eq!(records[0]["request_id"], "order-17");
    assert_eq!(records[0]["message"], "inside");
    assert_eq!(
        records[0]["extra"],
        serde_json::json!({"a": "event", "b": "request", "c": "inner", "d": "outer", "late": 2, "message": "m"})
    );
}

#[test]
fn a_span_within_a_request_hides_the_fields_of_the_request() {
    let records = logged(|_| {
        Context::with_id("order-17").field("a", "request").field("b", "request").run(|| {
            let span = tracing::info_span!("span", a = "span").entered();
            tracing::info!("inside");
            Context::current().field("a", "again").run(|| tracing::info!("further inside"));
            tracing::info!(parent: span.id(), "by name");
            drop(span);
            tracing::info!("outside");
        });
    });
    let extra: Vec<_> = records.iter().map(|record| (&record["extra"]["a"], &record["extra"]["b"])).collect();
    let expected = ["span", "again", "span", "request"].map(|a| (Json::from(a), Json::from("request")));
    assert_eq!(extra, expected.iter().map(|(a, b)| (a, b)).collect::<Vec<_>>());
}

#[test]
fn what_a_span_is_told_later_stands_on_all_records_inside_and_below() {
    let records = logged(|_| {
        let outer = tracing::info_span!("outer", user = tracing::field::Empty, shop = 1);
        let _outer = outer.enter();
        let inner = tracing::info_span!("inner", step = 1, shop = tracing::field::Empty);
        let entered = inner.enter();
        tracing::info!("before");
        // From another thread, as a task may be told.
        let span = outer.clone();
        let telling = std::thread::spawn(move || {
            span.record("user", 7);
        });
        telling.join().unwrap();
        tracing::info!("after");
        inner.record("shop", 2);
        tracing::info!(parent: inner.id(), "hidden");
        drop(entered);
        tracing::info!("left");
        tracing::info!(parent: None, "without");
    });
    let extra = |index: usize| &records[index]["extra"];
    assert_eq!(*extra(0), serde_json::json!({"step": 1, "shop": 1}));
    assert_eq!(*extra(1), serde_json::json!({"step": 1, "shop": 1, "user": 7}));
    assert_eq!(*extra(2), serde_json::json!({"step": 1, "shop": 2, "user": 7}));
    assert_eq!(*extra(3), serde_json::json!({"shop": 1, "user": 7}));
    assert_eq!(records[4].get("extra"), None);
}

#[test]
fn a_span_that_is_entered_twice_or_left_out_of_order_is_followed() {
    let records = logged(|_| {
        let [a, b] = [tracing::info_span!("a", a = 1), tracing::info_span!("b", b = 1)];
        let first = a.enter();
        let second = b.enter();
        let again = a.enter();
        tracing::info!("the innermost is b");
        drop(again);
        drop(first);
        tracing::info!("b alone is left, and knows its parent");
        drop(second);
        tracing::info!("none");
    });
    let extra: Vec<_> = records.iter().map(|record| record.get("extra").cloned()).collect();
    assert_eq!(extra, [Some(serde_json::json!({"b": 1})), Some(serde_json::json!({"b": 1})), None]);
}

#[test]
fn what_another_span_is_told_changes_nothing() {
    let records = logged(|_| {
        let outer = tracing::info_span!("outer", user = 7).entered();
        let inner = tracing::info_span!("inner", step = 1).entered();
        let other = tracing::info_span!(parent: None, "other", late = tracing::field::Empty);
        for late in 0..3 {
            tracing::info!("inside");
            other.record("late", late);
        }
        drop(inner);
        tracing::info!("outside");
        drop(outer);
    });
    let extra: Vec<_> = records.iter().map(|record| record["extra"].clone()).collect();
    let inside = serde_json::json!({"step": 1, "user": 7});
    assert_eq!(extra, [inside.clone(), inside.clone(), inside, serde_json::json!({"user": 7})]);
}

#[test]
fn two_layers_on_one_registry_write_each_field_once() {
    let (dir, other) = (TestDir::new(), TestDir::new());
    let (logs, others) = (dir.open(0, 0), other.open(0, 0));
    dispatcher::with_default(&Dispatch::new(registry().with(logs.layer()).with(others.layer())), || {
        let span = tracing::info_span!("span", user = 7, late = tracing::field::Empty);
        let _entered = span.enter();
        span.record("late", 1);
        tracing::info!("inside");
    });
    logs.shutdown(LONG).unwrap();
    others.shutdown(LONG).unwrap();
    for dir in [dir, other] {
        let records = records(&dir.read("app.log"));
        assert_eq!(records[0]["extra"], serde_json::json!({"late": 1, "user": 7}));
    }
}

#[test]
fn a_filter_that_is_changed_under_open_spans_harms_nothing() {
    use tracing_subscriber::{EnvFilter, reload};
    let dir = TestDir::new();
    let logs = dir.open(0, 0);
    let (filter, handle) = reload::Layer::new(EnvFilter::new("info"));
    dispatcher::with_default(&Dispatch::new(registry().with(filter).with(logs.layer())), || {
        let outer = tracing::info_span!("outer", user = 7).entered();
        handle.reload(EnvFilter::new("off")).unwrap();
        let unseen = tracing::info_span!("unseen", step = 1).entered();
        tracing::info!("unseen");
        handle.reload(EnvFilter::new("info")).unwrap();
        tracing::info!("inside");
        drop(unseen);
        drop(outer);
        tracing::info!("outside");
    });
    logs.shutdown(LONG).unwrap();
    let records = records(&dir.read("app.log"));
    let said: Vec<_> = records.iter().map(|record| (&record["message"], record.get("extra"))).collect();
    assert_eq!(said, [(&"inside".into(), Some(&serde_json::json!({"user": 7}))), (&"outside".into(), None)]);
}

#[test]
fn a_message_of_megabytes_is_cut_and_tears_nothing() {
    let lines = {
        let dir = TestDir::new();
        let logs = dir.open(0, 0);
        dispatcher::with_default(&Dispatch::new(registry().with(logs.layer())), || {
            tracing::info!(after = 1, "{}", "8 MiB\n\u{202e}".repeat(1024 * 1024));
            tracing::info!("next");
        });
        logs.shutdown(LONG).unwrap();
        dir.read("app.log")
    };
    let parsed: Vec<Json> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&parsed[0]["truncated"], &parsed[1]["message"]), (&true.into(), &"next".into()));
    assert!(lines.lines().all(|line| line.len() < MAX_RECORD_BYTES));
}

#[test]
fn an_error_is_recorded_with_its_source_chain() {
    #[derive(Debug)]
    struct Outer(std::io::Error);
    impl fmt::Display for Outer {
        fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("cannot fetch")
        }
    }
    impl std::error::Error for Outer {
        fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
            Some(&self.0)
        }
    }
    let error = Outer(std::io::Error::other("connection reset"));
    let records = logged(|_| {
        let error: &(dyn std::error::Error + 'static) = &error;
        tracing::error!(error, cause = error, token = error, "failed");
    });
    assert_eq!(
        records[0]["extra"],
        serde_json::json!({
            "error": "cannot fetch", "causes": ["connection reset"], "cause": "cannot fetch",
            "cause.causes": ["connection reset"], "token": "[redacted]",
        })
    );
}

#[test]
fn a_display_that_logs_makes_two_records() {
    struct Logging<'a>(&'a Logs);
    impl fmt::Display for Logging<'_> {
        fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            number(self.0, 1);
            formatter.write_str("shown")
        }
    }
    let records = logged(|logs| {
        let span = tracing::info_span!("span", late = tracing::field::Empty);
        let _entered = span.enter();
        span.record("late", tracing::field::display(Logging(logs)));
        tracing::info!(nested = %Logging(logs), "and {}", Logging(logs));
    });
    let messages: Vec<_> = records.iter().map(|record| record["message"].as_str().unwrap()).collect();
    assert_eq!(messages, ["1", "1", "1", "and shown"]);
    assert_eq!(records[3]["extra"], serde_json::json!({"nested": "shown", "late": "shown"}));
}

fn performance<'a>(fields: &'a Fields, busy: Option<Duration>) -> Performance<'a> {
    Performance {
        operation: "fetch",
        module: Some("mirror::downloader"),
        line: 156,
        duration: Duration::from_micros(12_345_600),
        busy,
        outcome: Outcome::Cancelled,
        fields,
    }
}

#[test]
fn a_performance_record_is_as_the_contract_has_it() {
    let dir = TestDir::new();
    let logs = dir.open(0, 0);
    let fields = Fields::from([("url", "http://x/")]);
    Context::with_id("r-1")
        .run(|| logs.performance(&performance(&fields, Some(Duration::from_micros(20_100))), true));
    logs.shutdown(LONG).unwrap();
    let line = dir.read("app-performance.log");
    let (time, rest) = line.split_at(r#"{"timestamp":"2026-02-08T18:30:45.123456Z"#.len());
    assert!(time.ends_with('Z'));
    assert_eq!(
        rest,
        concat!(
            r#"","level":"INFO","logger":"app.performance","message":"Performance: fetch","#,
            r#""module":"mirror::downloader","function":"fetch","line":156,"request_id":"r-1","#,
            r#""extra":{"operation":"fetch","duration_seconds":12.3456,"duration_ms":12345.6,"busy_ms":20.1,"#,
            r#""outcome":"cancelled","url":"http://x/"}}"#,
            "\n"
        )
    );
    assert_eq!(dir.read("app.log"), line, "formatted once, and teed");
    assert_eq!(dir.read("app-error.log"), "");
}

#[test]
fn reserved_names_of_a_performance_record_cannot_be_spoofed() {
    let reserved = ["operation", "duration_seconds", "duration_ms", "busy_ms", "outcome"];
    let fields = Fields::from(reserved.map(|name| (name, "spoofed")));
    let records = logged(|logs| logs.performance(&performance(&fields, Some(Duration::ZERO)), true));
    assert!(!records[0].to_string().contains("spoofed"));
}

#[test]
fn each_record_goes_where_it_belongs() {
    let dir = TestDir::new();
    let logs = dir.open(0, 0);
    logs.performance(&performance(&Fields::new(), None), false);
    let failure =
        Failure { operation: "f", module: "m", line: 1, level: Level::Error, message: "e", causes: &[] };
    logs.failure(&failure);
    logs.failure(&Failure { level: Level::Warn, message: "w", ..failure });
    logs.shutdown(LONG).unwrap();
    let messages = |name: &str| -> Vec<_> {
        records(&dir.read(name)).iter().map(|record| record["message"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(messages("app.log"), ["e", "w"]);
    assert_eq!(messages("app-error.log"), ["e"]);
    assert_eq!(messages("app-performance.log"), ["Performance: fetch"]);
    let written =
        ["main", "error", "performance"].map(|log| counted(&logs, "tachograph_log_records_total", log, None));
    assert_eq!(written, [2, 1, 1]);
}

#[test]
fn a_failure_carries_its_place_and_its_causes() {
    let causes = ["reset".to_owned(), "by peer".to_owned()];
    let failure = Failure {
        operation: "f",
        module: "a::b",
        line: 3,
        level: Level::Error,
        message: "no",
        causes: &causes,
    };
    let records = logged(|logs| logs.failure(&failure));
    let record = &records[0];
    assert_eq!(
        (&record["logger"], &record["module"], &record["function"]),
        (&"a::b".into(), &"a::b".into(), &"f".into())
    );
    assert_eq!(record["extra"], serde_json::json!({"error": "no", "causes": ["reset", "by peer"]}));
}

#[test]
fn hostile_names_and_values_neither_forge_nor_break_a_record() {
    const HOSTILE: [&str; 22] = [
        "",
        "\"",
        "\\",
        "\\\"",
        "\n{\"level\":\"ERROR\"}\n",
        "\r\n",
        "\0",
        "\u{7f}",
        "\u{85}",
        "\u{2028}",
        "\u{202e}evil",
        "level",
        "timestamp",
        "request_id",
        "extra",
        "truncated",
        "message",
        "}},",
        "\u{1b}[31m",
        "漢字",
        "🦀",
        "\u{feff}",
    ];
    let mut round_trips = 0;
    let records = logged(|logs| {
        for seed in 0..400_usize {
            let pick = |step: usize| HOSTILE[(seed * 7 + step * step * 5 + seed / 22 * step) % HOSTILE.len()];
            let mut fields = Fields::new();
            let mut context = Context::with_id("r");
            for step in 0..6 {
                fields.add(format!("{}{}", pick(step), pick(step + 1)), pick(step + 2));
                context = context.field(pick(step + 3), pick(step));
            }
            context.run(|| {
                logs.performance(&Performance { operation: pick(1), ..performance(&fields, None) }, true)
            });
            round_trips += 1;
        }
    });
    assert_eq!(records.len(), round_trips);
    for (seed, record) in records.iter().enumerate() {
        let operation = HOSTILE[(seed * 7 + 5 + seed / 22) % HOSTILE.len()];
        assert_eq!((&record["function"], &record["level"]), (&operation.into(), &"INFO".into()));
        assert_eq!(record["message"], format!("Performance: {operation}"));
    }
}

#[test]
fn a_record_that_is_too_long_is_cut_and_says_so() {
    let fields = Fields::from([("huge", Value::Text("é\n".repeat(4 * 1024 * 1024)))]);
    let dir = TestDir::new();
    let logs = dir.open(0, 0);
    logs.performance(&performance(&fields, None), true);
    logs.shutdown(LONG).unwrap();
    let line = dir.read("app.log");
    assert!(line.len() <= 256 * 1024 + 1024);
    let parsed: Json = serde_json::from_str(&line).unwrap();
    assert_eq!((&parsed["truncated"], &parsed["extra"]["outcome"]), (&true.into(), &"cancelled".into()));
}

#[test]
fn a_panic_is_a_record_with_its_place_and_request() {
    const THREAD: &str = "panics on purpose";
    let dir = TestDir::new();
    let logs = dir.open(0, 0);
    let (hooked, previous) = (logs.clone(), std::panic::take_hook());
    std::panic::set_hook(Box::new(move |info| {
        if std::thread::current().name() == Some(THREAD) { hooked.panic(info) } else { previous(info) }
    }));
    let panicking = || Context::with_id("r-9").run(|| panic!("out of {}", "paper"));
    let thread = std::thread::Builder::new().name(THREAD.to_owned()).spawn(panicking).unwrap();
    assert!(thread.join().is_err());
    // Already there: the hook has waited for it.
    let records = records(&dir.read("app-error.log"));
    let record = &records[0];
    assert_eq!((&record["logger"], &record["message"]), (&"panic".into(), &"panicked: out of paper".into()));
    assert_eq!((record.get("module"), &record["request_id"]), (None, &"r-9".into()));
    assert_eq!(record["extra"]["thread"], THREAD);
    let location = record["extra"]["location"].as_str().unwrap();
    assert!(location.starts_with(&format!("{}:{}:", file!(), record["line"])), "{location}");
    assert!(dir.read("app.log").contains("out of paper"));
}
