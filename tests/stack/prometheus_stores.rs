//! What a real Prometheus makes of the formats that text does not reach: native histograms and exemplars.

use serde_json::{Value, json};

use tachograph_servers::prometheus::Prometheus;

use crate::stack::scraped::Scraped;

#[test]
fn native_histograms_and_exemplars_from_protobuf() {
    let scraped = Scraped::start();
    let features = ["native-histograms", "exemplar-storage"];
    let prometheus = Prometheus::start_with(&scraped.scrape_config(), &features);
    is_up(&prometheus);

    // All values are 0.871: the classic buckets know no more than that they are between 0.5 and 1.
    let quantile = value(&prometheus, "histogram_quantile(0.99, delay_seconds)");
    assert!((0.84..=0.918).contains(&quantile), "{quantile}");
    assert_eq!(value(&prometheus, "histogram_count(delay_seconds)"), 100.0);
    assert!((value(&prometheus, "histogram_sum(delay_seconds)") - 87.1).abs() < 1e-9);
    assert_eq!(
        value(&prometheus, "histogram_count(function_duration_seconds{function=\"brake_hard\"})"),
        1.0
    );
    let brake =
        value(&prometheus, "histogram_quantile(1, function_duration_seconds{function=\"brake_hard\"})");
    assert!((0.02..1.0).contains(&brake), "{brake}");
    assert_eq!(value(&prometheus, "function_calls_total{function=\"brake_hard\",outcome=\"error\"}"), 1.0);

    names_the_request(&prometheus, "function_duration_seconds{function=\"brake_hard\"}");
}

#[test]
fn classic_histograms_and_exemplars_from_open_metrics() {
    let scraped = Scraped::start();
    let prometheus = Prometheus::start_with(&scraped.scrape_config(), &["exemplar-storage"]);
    is_up(&prometheus);
    let quantile = value(&prometheus, "histogram_quantile(0.99, delay_seconds_bucket)");
    assert!((0.99..1.0).contains(&quantile), "{quantile}");
    assert_eq!(value(&prometheus, "visits_total"), 2.0);
    names_the_request(&prometheus, "function_duration_seconds_bucket{function=\"brake_hard\"}");
}

fn is_up(prometheus: &Prometheus) {
    let target = prometheus.until("with a scrape that was well", |it| {
        it.targets().into_iter().find(|target| target["health"] != "unknown")
    });
    assert_eq!((&target["health"], &target["lastError"]), (&json!("up"), &json!("")), "{target}");
}

/// The value of the one series that an expression gives, as soon as there is one.
fn value(prometheus: &Prometheus, expression: &str) -> f64 {
    let found = prometheus.until(&format!("with a value of {expression}"), |it| it.query(expression).pop());
    let value = found["value"][1].as_str().and_then(|value| value.parse().ok());
    value.unwrap_or_else(|| panic!("{expression} is {found}"))
}

fn names_the_request(prometheus: &Prometheus, series: &str) {
    let exemplar: Value = prometheus.until("with an exemplar", |it| it.exemplars(series).pop());
    assert_eq!(exemplar["labels"], json!({"request_id": "order-17"}));
    let value: f64 = exemplar["value"].as_str().and_then(|value| value.parse().ok()).unwrap_or(f64::NAN);
    assert!((0.02..1.0).contains(&value), "{exemplar}");
}
