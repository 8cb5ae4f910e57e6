//! The panels of a metric, from what the list of names says of it.

use tachograph::names::{Kind, Metric, Unit};

use crate::dashboards::grafana::Panel;

/// What is chosen at the top of a dashboard.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Choice<'a>(pub(crate) &'a [&'a str]);

impl Choice<'_> {
    /// The matchers, and those that are needed besides.
    pub(crate) fn matchers(self, more: &str) -> String {
        let chosen = self.0.iter().map(|label| format!("{label}=~\"${label}\""));
        let more = (!more.is_empty()).then(|| more.to_owned());
        chosen.chain(more).collect::<Vec<_>>().join(", ")
    }
}

/// All panels that a metric has by its type.
pub(crate) fn panels(metric: &Metric, choice: Choice<'_>) -> Vec<Panel> {
    match metric.kind {
        Kind::Counter => vec![rate(metric, choice)],
        Kind::Gauge => vec![value(metric, choice)],
        Kind::Histogram => {
            vec![frequency(metric, choice), quantiles(metric, choice), heatmap(metric, choice)]
        }
    }
}

fn rate(metric: &Metric, choice: Choice<'_>) -> Panel {
    let Metric { name, help, .. } = metric;
    let (by, legend) = grouping(metric);
    let unit = match metric.unit {
        // Seconds in a second are cores.
        Unit::Seconds => "none",
        Unit::Bytes => "Bps",
        _ => "ops",
    };
    let query = format!("sum by ({by}) (rate({name}{{{}}}[$__rate_interval]))", choice.matchers(""));
    Panel::lines(&titled(name, "a second"), help, unit).ask(query, &legend)
}

fn value(metric: &Metric, choice: Choice<'_>) -> Panel {
    let Metric { name, help, .. } = metric;
    let (by, legend) = grouping(metric);
    let matchers = choice.matchers("");
    if name.ends_with("_timestamp_seconds") || name.ends_with("_start_time_seconds") {
        let query = format!("time() - max by ({by}) ({name}{{{matchers}}})");
        return Panel::lines(&titled(name, "ago"), help, "s").ask(query, &legend);
    }
    let unit = if name.ends_with("_ratio") { "percentunit" } else { spelled(metric.unit) };
    Panel::lines(&titled(name, ""), help, unit).ask(format!("sum by ({by}) ({name}{{{matchers}}})"), &legend)
}

fn frequency(metric: &Metric, choice: Choice<'_>) -> Panel {
    let Metric { name, help, .. } = metric;
    let (by, legend) = grouping(metric);
    let query = format!("sum by ({by}) (rate({name}_count{{{}}}[$__rate_interval]))", choice.matchers(""));
    Panel::lines(&titled(name, "count a second"), help, "ops").ask(query, &legend)
}

fn quantiles(metric: &Metric, choice: Choice<'_>) -> Panel {
    let Metric { name, help, .. } = metric;
    let (by, legend) = grouping(metric);
    let matchers = choice.matchers("");
    let query = |quantile| {
        format!(
            "histogram_quantile({quantile}, sum by ({by}, le) (rate({name}_bucket{{{matchers}}}[$__rate_interval])))"
        )
    };
    Panel::lines(&titled(name, "p50 and p99"), help, spelled(metric.unit))
        .ask(query("0.5"), &format!("p50 {legend}"))
        .ask(query("0.99"), &format!("p99 {legend}"))
}

/// How many of each size.
pub(crate) fn heatmap(metric: &Metric, choice: Choice<'_>) -> Panel {
    let Metric { name, help, .. } = metric;
    let query = format!("sum by (le) (increase({name}_bucket{{{}}}[$__rate_interval]))", choice.matchers(""));
    Panel::heatmap(&titled(name, "all"), help, spelled(metric.unit)).ask(query, "{{le}}")
}

/// The labels that tell series apart, and what a series is called by them.
fn grouping(metric: &Metric) -> (String, String) {
    let own = metric.labels.iter().map(|label| label.name);
    let labels: Vec<_> = if metric.labels.is_empty() {
        vec!["job", "instance"]
    } else {
        ["job"].into_iter().chain(own).collect()
    };
    let legend = labels.iter().skip(1).map(|label| format!("{{{{{label}}}}}")).collect::<Vec<_>>().join(" ");
    (labels.join(", "), legend)
}

fn titled(name: &str, what: &str) -> String {
    let stem =
        ["_total", "_seconds", "_bytes"].iter().fold(name, |name, ending| name.trim_end_matches(ending));
    let words = stem.trim_start_matches("tachograph_").replace('_', " ");
    if what.is_empty() { words } else { format!("{words}, {what}") }
}

fn spelled(unit: Unit) -> &'static str {
    match unit {
        Unit::Seconds => "s",
        Unit::Bytes => "bytes",
        Unit::BytesPerSecond => "Bps",
        Unit::Count | Unit::Info => "none",
    }
}
