//! What the project holds itself to, and whether what was measured keeps it.

use harness::page::Bar;
use harness::values::Values;

const OWN: &str = "tachograph";

/// Those of which there are figures. No call without a request is taken off.
pub(crate) fn of(values: &Values) -> Vec<Bar> {
    let mut bars = Vec::new();
    let mut at_most = |promise: &str, name: &str, most: f64| {
        bars.extend(values.quantile(OWN, name, 0.5).map(|measured| Bar {
            promise: format!("{promise}: ≤ {most} ns"),
            measured: format!("{measured:.2} ns"),
            is_met: measured <= most,
        }));
    };
    at_most("a request with a new id, 1 thread", "request-1", 25.0);
    at_most("a request with a new id, 4 threads", "request-4", 25.0);
    at_most("the same of an async function, 1 thread", "ready-1", 25.0);
    at_most("the same of an async function, 4 threads", "ready-4", 25.0);
    at_most("the id read, 1 thread", "read-1", 3.0);
    at_most("the id read, 4 threads", "read-4", 3.0);
    bars
}
