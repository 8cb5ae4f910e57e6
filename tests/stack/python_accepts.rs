//! The strict parser of OpenMetrics reads the page, and finds in it what was put there.

use serde_json::{Value, json};

use tachograph_servers::mirror::Mirror;

use crate::stack::python::parsed;
use crate::stack::scraped::Scraped;

const OPEN_METRICS: &str = "application/openmetrics-text;version=1.0.0";

#[test]
fn the_page_of_the_mirror() {
    let mirror = Mirror::start();
    let page = mirror.page_accepting(OPEN_METRICS);
    let families = parsed(&page);
    let calls = family(&families, "function_calls");
    assert_eq!(
        (&calls["type"], &family(&families, "function_duration_seconds")["unit"]),
        (&json!("counter"), &json!("seconds"))
    );
}

#[test]
fn a_page_with_whatever_names_labels_and_values() {
    let families = parsed(&Scraped::start().page(OPEN_METRICS));
    let odd = "C:\\\\x \"y\"\n{z=\"1\"} 2 # {} \u{1f684}";
    let sample = |name: &str, family_name: &str| {
        let samples = family(&families, family_name)["samples"].as_array().expect("a list").clone();
        samples.into_iter().find(|sample| sample["name"] == name && sample["labels"]["odd"] == odd)
    };
    assert_eq!(sample("tickets_total", "tickets").expect("a counter")["value"], "3");
    assert_eq!(sample("passengers", "passengers").expect("a gauge")["value"], "inf");
    assert_eq!(sample("delay_seconds_count", "delay_seconds").expect("a histogram")["value"], "100");
    assert_eq!(family(&families, "tickets")["help"], "Tickets, \"all\" \\ of\nthem.");
    assert_eq!(family(&families, "visits")["type"], "counter", "its suffix is the sample's");
}

#[test]
fn exemplars_name_the_request() {
    let families = parsed(&Scraped::start().page(OPEN_METRICS));
    let buckets = family(&families, "function_duration_seconds")["samples"].as_array().expect("a list");
    let exemplars: Vec<&Value> = buckets
        .iter()
        .filter(|sample| sample["labels"]["function"] == "brake_hard")
        .map(|sample| &sample["exemplar"])
        .filter(|exemplar| !exemplar.is_null())
        .collect();
    assert!(!exemplars.is_empty());
    for exemplar in exemplars {
        assert_eq!(exemplar["labels"], json!({"request_id": "order-17"}));
        assert!(
            exemplar["value"].as_f64() > Some(0.0) && exemplar["timestamp"].as_f64() > Some(1.7e9),
            "{exemplar}"
        );
    }
}

fn family<'a>(families: &'a [Value], name: &str) -> &'a Value {
    let found = families.iter().find(|family| family["name"] == name);
    found.unwrap_or_else(|| panic!("no family {name} in {families:#?}"))
}
