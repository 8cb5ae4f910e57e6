//! What the project holds itself to, and whether what was measured keeps it.

use harness::page::Bar;
use harness::values::Values;

const OWN: &str = "tachograph";
const DROP: &str = "tachograph-drop";
const FLOOR: &str = "floor";
const PEER: &str = "ts-json-nb";

/// Those of which there are figures.
pub(crate) fn of(values: &Values) -> Vec<Bar> {
    let mut bars = Vec::new();
    let mut bar = |promise: &str, measured: Option<f64>, unit: &str, holds: &dyn Fn(f64) -> bool| {
        bars.extend(measured.map(|measured| Bar {
            promise: promise.to_owned(),
            measured: format!("{measured:.2}{unit}"),
            is_met: holds(measured),
        }));
    };
    let of_floor = |name| values.ratio((OWN, name), (FLOOR, name));
    let less = |name| values.ratio((PEER, name), (OWN, name));
    let more = |name| values.ratio((OWN, name), (PEER, name));

    bar("producer, mean: ≤ 1.6 × the floor", of_floor("mean"), " ×", &|it| it <= 1.6);
    bar("producer, mean: ≥ 8 × less than ts-json-nb", less("mean"), " ×", &|it| it >= 8.0);
    bar("producer at a pace of 20 µs, p99: ≥ 10 × less than ts-json-nb", less("p99"), " ×", &|it| {
        it >= 10.0
    });
    bar("events/s, 1 thread: ≥ 8 × ts-json-nb", more("rate-1"), " ×", &|it| it >= 8.0);
    bar("events/s, 4 threads: ≥ 5 × ts-json-nb", more("rate-4"), " ×", &|it| it >= 5.0);
    bar("processor time of all threads for an event: ≤ 2 × the floor", of_floor("cpu"), " ×", &|it| {
        it <= 2.0
    });
    let resident = values.quantile(OWN, "resident", 0.5).map(|bytes| bytes / 1e6);
    bar("memory in a burst: ≤ 12 MB above idle", resident, " MB", &|it| it <= 12.0);
    for (name, what) in [("burst", "1 thread"), ("threads", "4 threads"), ("paced", "at a pace")] {
        for wrong in ["lost", "torn", "doubled"] {
            let most = values.most(OWN, &format!("{name}-{wrong}"));
            bar(&format!("{wrong}, {what}, any round: 0"), most, "", &|it| it == 0.0);
        }
        let most = values.most(DROP, &format!("{name}-untold"));
        bar(&format!("`LOG_OVERFLOW=drop`, lost less told, {what}, any round: 0"), most, "", &|it| it == 0.0);
    }
    bars
}
