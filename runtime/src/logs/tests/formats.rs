//! The formats of log stores, key by key.

use tracing::{Dispatch, dispatcher};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry;

use super::*;
use crate::context::Context;
use crate::field::Fields;
use crate::logs::console::text_of;
use crate::observer::Performance;
use crate::outcome::Outcome;

const LINE: u32 = line!() + 10;

/// One record of an event, with all that can be in it, and one of a slow call.
fn lines(format: LogFormat) -> [String; 2] {
    let dir = TestDir::new();
    let logs = Logs::open(LogSettings { format, ..settings(&dir.0, 0, 0) }).unwrap();
    let error: &(dyn std::error::Error + 'static) = &std::io::Error::other("connection reset");
    dispatcher::with_default(&Dispatch::new(registry().with(logs.layer())), || {
        Context::with_id("order-17").field("shop", 3).run(|| {
            let _span = tracing::info_span!("span", user = 7).entered();
            tracing::warn!(target: "mirror::api", error, size = 1, request_id = "forged", "cannot \"fetch\"");
        });
    });
    logs.performance(
        &Performance {
            operation: "fetch",
            module: Some("mirror::downloader"),
            line: 156,
            duration: Duration::from_millis(5),
            busy: None,
            outcome: Outcome::Ok,
            fields: &Fields::new(),
        },
        true,
    );
    logs.shutdown(LONG).unwrap();
    let lines = dir.read("app.log");
    let mut lines = lines.lines().map(str::to_owned);
    [lines.next().unwrap(), lines.next().unwrap()]
}

/// The expected line has `T` for the time.
#[track_caller]
fn check(line: &str, expected: &str) {
    let time = line.split('"').nth(3).unwrap();
    assert_eq!(time.len(), 27);
    let file = file!().replace('\\', "\\\\");
    let expected =
        expected.replace("LINE", &LINE.to_string()).replace("FILE", &file).replace("MODULE", module_path!());
    assert_eq!(line.replacen(time, "T", 1), expected);
}

#[track_caller]
fn check_text(format: LogFormat, line: &str, expected: &str) {
    let text = text_of(line, format);
    assert_eq!(text.split_once(' ').unwrap().1.trim_end(), expected.replace("LINE", &LINE.to_string()));
}

#[test]
fn the_format_of_this_crate() {
    let [event, call] = lines(LogFormat::Tachograph);
    check(
        &event,
        concat!(
            r#"{"timestamp":"T","level":"WARN","logger":"mirror::api","message":"cannot \"fetch\"","#,
            r#""module":"MODULE","line":LINE,"request_id":"order-17","#,
            r#""extra":{"error":"connection reset","size":1,"request_id":"forged","user":7,"shop":3}}"#
        ),
    );
    check(
        &call,
        concat!(
            r#"{"timestamp":"T","level":"INFO","logger":"app.performance","message":"Performance: fetch","#,
            r#""module":"mirror::downloader","function":"fetch","line":156,"#,
            r#""extra":{"operation":"fetch","duration_seconds":0.005,"duration_ms":5.0,"outcome":"ok"}}"#
        ),
    );
}

#[test]
fn elastic_common_schema() {
    let [event, call] = lines(LogFormat::Ecs);
    check(
        &event,
        concat!(
            r#"{"@timestamp":"T","log.level":"warn","message":"cannot \"fetch\"","ecs.version":"8.11.0","#,
            r#""service.name":"app","log.logger":"mirror::api","log.origin.file.name":"FILE","log.origin.file.line":LINE,"#,
            r#""http.request.id":"order-17","extra":{"size":1,"request_id":"forged","user":7,"shop":3},"#,
            r#""error.message":"connection reset"}"#
        ),
    );
    check(
        &call,
        concat!(
            r#"{"@timestamp":"T","log.level":"info","message":"Performance: fetch","ecs.version":"8.11.0","#,
            r#""service.name":"app","log.logger":"app.performance","log.origin.function":"mirror::downloader::fetch","#,
            r#""log.origin.file.line":156,"#,
            r#""extra":{"operation":"fetch","duration_seconds":0.005,"duration_ms":5.0,"outcome":"ok"}}"#
        ),
    );
    check_text(
        LogFormat::Ecs,
        &event,
        "WARN  mirror::api: cannot \"fetch\" request_id=order-17 size=1 request_id=forged user=7 shop=3 error=\"connection reset\"",
    );
}

#[test]
fn the_log_data_model_of_opentelemetry() {
    let [event, call] = lines(LogFormat::Otel);
    check(
        &event,
        concat!(
            r#"{"timestamp":"T","severity_text":"WARN","severity_number":13,"body":"cannot \"fetch\"","#,
            r#""resource":{"service.name":"app"},"instrumentation_scope":{"name":"mirror::api"},"#,
            r#""attributes":{"code.module.name":"MODULE","code.file.path":"FILE","code.line.number":LINE,"request_id":"order-17","#,
            r#""exception.message":"connection reset","size":1,"extra.request_id":"forged","user":7,"shop":3}}"#
        ),
    );
    check(
        &call,
        concat!(
            r#"{"timestamp":"T","severity_text":"INFO","severity_number":9,"body":"Performance: fetch","#,
            r#""resource":{"service.name":"app"},"instrumentation_scope":{"name":"app.performance"},"#,
            r#""attributes":{"code.function.name":"mirror::downloader::fetch","code.line.number":156,"#,
            r#""operation":"fetch","duration_seconds":0.005,"duration_ms":5.0,"outcome":"ok"}}"#
        ),
    );
    check_text(
        LogFormat::Otel,
        &call,
        "INFO  app.performance: Performance: fetch code.function.name=mirror::downloader::fetch code.line.number=156 \
         operation=fetch duration_seconds=0.005 duration_ms=5.0 outcome=ok",
    );
}

#[test]
fn google_cloud() {
    let [event, call] = lines(LogFormat::Gcp);
    check(
        &event,
        concat!(
            r#"{"time":"T","severity":"WARNING","message":"cannot \"fetch\"","#,
            r#""logging.googleapis.com/sourceLocation":{"file":"FILE","line":"LINE"},"serviceContext":{"service":"app"},"#,
            r#""logging.googleapis.com/labels":{"logger":"mirror::api","module":"MODULE","request_id":"order-17"},"#,
            r#""extra":{"error":"connection reset","size":1,"request_id":"forged","user":7,"shop":3}}"#
        ),
    );
    check(
        &call,
        concat!(
            r#"{"time":"T","severity":"INFO","message":"Performance: fetch","#,
            r#""logging.googleapis.com/sourceLocation":{"line":"156","function":"mirror::downloader::fetch"},"#,
            r#""serviceContext":{"service":"app"},"#,
            r#""logging.googleapis.com/labels":{"logger":"app.performance","module":"mirror::downloader"},"#,
            r#""extra":{"operation":"fetch","duration_seconds":0.005,"duration_ms":5.0,"outcome":"ok"}}"#
        ),
    );
    check_text(
        LogFormat::Gcp,
        &call,
        "INFO  Performance: fetch logger=app.performance module=mirror::downloader \
         operation=fetch duration_seconds=0.005 duration_ms=5.0 outcome=ok",
    );
}

#[test]
fn losses_and_marks_are_told_in_every_format() {
    for format in [LogFormat::Tachograph, LogFormat::Ecs, LogFormat::Otel, LogFormat::Gcp] {
        let dir = TestDir::new();
        let rate_limit = NonZeroU32::new(1);
        let chosen = LogSettings { format, rate_limit, max_record_bytes: 1024, ..settings(&dir.0, 0, 0) };
        let logs = Logs::open(chosen).unwrap();
        dispatcher::with_default(&Dispatch::new(registry().with(logs.layer())), || {
            (0..3).for_each(|_| tracing::info!(long = "x".repeat(5_000), "long"));
        });
        logs.shutdown(LONG).unwrap();
        let lines = dir.read("app.log");
        let all: Vec<Json> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let marks = |record: &Json| match format {
            LogFormat::Otel => {
                let attributes = &record["attributes"];
                (attributes["log.truncated"].clone(), attributes["log.suppressed"].as_u64())
            }
            _ => (record["truncated"].clone(), record["suppressed"].as_u64()),
        };
        assert_eq!(marks(&all[0]).0, true, "{lines}");
        assert_eq!(
            all.iter().filter_map(|record| marks(record).1).sum::<u64>(),
            3 - written(&all, format),
            "{lines}"
        );
        assert!(lines.lines().all(|line| line.len() < 1024), "{lines}");
    }
}

fn written(all: &[Json], format: LogFormat) -> u64 {
    let message = if format == LogFormat::Otel { "body" } else { "message" };
    all.iter().filter(|record| record[message] == "long").count() as u64
}
