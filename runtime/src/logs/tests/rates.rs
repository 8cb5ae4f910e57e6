//! How often a call site may log.

use tracing::{Dispatch, dispatcher};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry;

use super::*;

fn suppressed(logs: &Logs, log: &str) -> u64 {
    counted(logs, "tachograph_log_dropped_total", log, Some(("reason", "rate_limited")))
}

fn chatter(number: u64) {
    tracing::error!(number, "chatter");
}

#[test]
fn every_record_is_written_or_told_to_be_suppressed() {
    let dir = TestDir::new();
    let rate_limit = NonZeroU32::new(5);
    let logs = Logs::open(LogSettings { rate_limit, ..settings(&dir.0, 0, 0) }).unwrap();
    const EVENTS: u64 = 20_000;
    dispatcher::with_default(&Dispatch::new(registry().with(logs.layer())), || {
        for number in 0..EVENTS {
            chatter(number);
            if number == 0 {
                tracing::info!("another call site has room of its own");
            }
        }
        logs.flush(LONG).unwrap();
        // What the flush told is not told again.
        logs.flush(LONG).unwrap();
    });
    logs.shutdown(LONG).unwrap();
    for (file, log) in [("app.log", "main"), ("app-error.log", "error")] {
        let all = lines_of(&dir.read(file));
        let of_chatter: Vec<_> = all.iter().filter(|record| record["level"] == "ERROR").collect();
        let written = of_chatter.iter().filter(|record| record["message"] == "chatter").count() as u64;
        let told: u64 = of_chatter.iter().filter_map(|record| record["suppressed"].as_u64()).sum();
        assert!(written >= 5 && told > 0, "{written} {told}");
        assert_eq!(written + told, EVENTS, "{log}");
        assert_eq!(suppressed(&logs, log), told, "{log}");
        let closing = of_chatter.iter().filter(|record| record["message"] == "log records were suppressed");
        for record in closing {
            assert_eq!((&record["logger"], record["line"].is_number()), (&module_path!().into(), true));
        }
    }
    let main = lines_of(&dir.read("app.log"));
    assert!(main.iter().any(|record| record["message"] == "another call site has room of its own"));
    assert!(main.iter().all(|record| record["message"] != "log records were dropped"), "nothing was lost");
}

#[test]
fn a_call_site_that_falls_silent_is_told_of_by_another() {
    let dir = TestDir::new();
    let logs = Logs::open(LogSettings { rate_limit: NonZeroU32::new(1), ..settings(&dir.0, 0, 0) }).unwrap();
    let chatty = || tracing::info!("chatty");
    dispatcher::with_default(&Dispatch::new(registry().with(logs.layer())), || {
        (0..100).for_each(|_| chatty());
        // Until the second is over.
        while suppressed(&logs, "main") == 0 || !dir.read("app.log").contains("log records were suppressed") {
            tracing::info!("meanwhile");
            std::thread::sleep(Duration::from_millis(20));
        }
    });
    logs.shutdown(LONG).unwrap();
    let all = lines_of(&dir.read("app.log"));
    let is_closing = |record: &&Json| record["message"] == "log records were suppressed";
    let first = all.iter().find(is_closing).unwrap();
    assert!((98..=99).contains(&first["suppressed"].as_u64().unwrap()), "{first}");
}

#[test]
fn without_a_limit_everything_is_written() {
    let dir = TestDir::new();
    let logs = dir.open(0, 0);
    dispatcher::with_default(&Dispatch::new(registry().with(logs.layer())), || {
        (0..5_000).for_each(chatter);
    });
    logs.shutdown(LONG).unwrap();
    assert_eq!((lines_of(&dir.read("app.log")).len(), suppressed(&logs, "main")), (5_000, 0));
}

fn lines_of(lines: &str) -> Vec<Json> {
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}
