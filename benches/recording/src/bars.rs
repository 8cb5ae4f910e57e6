//! What the project holds itself to, and whether what was measured keeps it.

use harness::page::Bar;
use harness::values::Values;

const OWN: &str = "tachograph";
const SAMPLED: &str = "tachograph-sampled";
const DEFAULT: &str = "tachograph-default";
const MACROS: &str = "exporter-macros";
const CACHED: &str = "exporter-cached";

/// Those of which there are figures.
pub(crate) fn of(values: &Values) -> Vec<Bar> {
    let mut bars = Vec::new();
    let mut at_most = |promise: &str, measured: Option<f64>, most: f64, unit: &str| {
        let bar = |measured: f64| Bar {
            promise: promise.to_owned(),
            measured: format!("{measured:.3}{unit}"),
            is_met: measured <= most,
        };
        bars.extend(measured.map(bar));
    };
    let ours = |name: &str| values.median(OWN, name);
    let share = |name: &str, peer: &str| values.ratio((OWN, name), (peer, name));

    at_most(
        "record alone by a handle of the facade, 1 thread: ≤ 1/12 (0.083) of a cached exporter handle",
        share("record-1", CACHED),
        1.0 / 12.0,
        " ×",
    );
    at_most(
        "record alone as `#[timed]` does it, 1 thread: ≤ 1/12 (0.083) of a cached exporter handle",
        values.ratio((OWN, "end-1"), (CACHED, "record-1")),
        1.0 / 12.0,
        " ×",
    );
    for (name, what) in
        [("sync", "sync"), ("ready", "async, never pending"), ("waiting", "async, pending once")]
    {
        let one = format!("{name}-1");
        let (one, four) = (one.as_str(), format!("{name}-4"));
        let four = four.as_str();
        at_most(
            &format!("{what}: ≤ a bare TSC pair + 8 ns"),
            ours(&format!("{one}-above-floor")),
            8.0,
            " ns above the pair",
        );
        at_most(
            &format!("{what}, 4 threads: ≤ 1.2 × its cost on one"),
            values.ratio((OWN, four), (OWN, one)),
            1.2,
            " ×",
        );
        for (name, peer, times) in [(one, MACROS, 10.0), (one, "hotpath", 2.5), (four, MACROS, 50.0)] {
            let most = 1.0 / times;
            let promise = format!("{what}, {name}: ≤ 1/{times} ({most:.3}) of {peer}");
            at_most(&promise, share(name, peer), most, " ×");
        }
    }
    at_most("`sample = 64`: ≤ 2 ns over the plain call", values.median(SAMPLED, "sync-1"), 2.0, " ns");
    for own in [OWN, DEFAULT] {
        let bounds = if own == OWN { "12 bounds" } else { "default bounds" };
        for name in ["cold-1", "cold-4", "evicted-1", "evicted-4"] {
            let ratio = values.ratio((own, name), (CACHED, name));
            at_most(
                &format!("1,000 functions, {bounds}, {name}: ≤ 1/3 (0.33) of cached exporter handles"),
                ratio,
                1.0 / 3.0,
                " ×",
            );
        }
        let bytes = values.median(own, "footprint-octaves");
        at_most(
            &format!("1,000 functions, {bounds}: ≤ 1,536 bytes touched for a function and thread"),
            bytes,
            1536.0,
            " B",
        );
    }
    at_most("calls lost under continuous scraping: 0", ours("loss").map(f64::abs), 0.0, "");
    at_most(
        "growth of memory without a scrape: < 1 MB",
        ours("memory").map(|bytes| bytes / 1e6),
        1.0 - f64::EPSILON,
        " MB",
    );
    at_most("render, 1,000 series of 12 buckets: ≤ 0.5 ms", ours("render-1000"), 0.5, " ms");
    let growth = ours("render-1000-allocations").zip(ours("render-100-allocations"));
    at_most(
        "render: no allocation per series",
        growth.map(|(many, few)| (many - few) / 900.0),
        0.01,
        " per series",
    );
    let faster = share("render-1000", CACHED);
    at_most("render, 1,000 series: ≤ 1/20 (0.05) of the exporter's time", faster, 0.05, " ×");
    at_most(
        "99th percentile: ≤ 4.5 % from the exact one, in the worst case",
        values.most(OWN, "quantile"),
        4.5,
        " %",
    );
    bars
}
