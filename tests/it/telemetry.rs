//! The telemetry of this process, of which there is one for all tests that measure something in it.

use std::sync::OnceLock;
use std::time::Duration;

use serde_json::Value;
use tachograph::{Console, Telemetry};
use tempfile::TempDir;

pub(crate) fn telemetry() -> &'static Telemetry {
    static TELEMETRY: OnceLock<(Telemetry, TempDir)> = OnceLock::new();
    let (telemetry, _) = TELEMETRY.get_or_init(|| {
        let directory = tempfile::tempdir().unwrap();
        let builder = tachograph::builder("tests").log_dir(directory.path()).console(Console::Off);
        let telemetry = builder.metrics_addr("off").flush_on_signals(false).level("info").install().unwrap();
        (telemetry, directory)
    });
    telemetry
}

/// The value of a series, nought where there is none.
pub(crate) fn value(telemetry: &Telemetry, series: &str) -> f64 {
    let page = telemetry.render();
    let found = page.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    found.map_or(0.0, |value| value.parse().unwrap())
}

/// Waits for a series to have a value, which it may get a moment after a client has seen the end.
pub(crate) async fn reaches(telemetry: &Telemetry, series: &str, expected: f64) {
    for _ in 0..1_000 {
        if value(telemetry, series) == expected {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let page = telemetry.render();
    let family = &series[..series.find('_').unwrap_or(series.len())];
    let page: Vec<_> =
        page.lines().filter(|line| line.starts_with(family) && !line.contains("_bucket")).collect();
    panic!("{series} is not {expected}:\n{}", page.join("\n"));
}

/// The records of the main log with this request id.
pub(crate) fn records(telemetry: &Telemetry, id: &str) -> Vec<Value> {
    telemetry.flush(Duration::from_secs(5)).unwrap();
    let text = std::fs::read_to_string(telemetry.log_dir().join("tests.log")).unwrap();
    let records = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    records.filter(|record| record["request_id"] == id).collect()
}
