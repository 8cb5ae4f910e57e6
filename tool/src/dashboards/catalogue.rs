//! The dashboards of the pack.

use tachograph::names::{self, Part};

use crate::dashboards::grafana::{Dashboard, Panel, Variable, placed};
use crate::dashboards::metric::{Choice, heatmap, panels};

/// All of them: those with a picture of their own, and one for each other part of the list of names.
pub(crate) fn all() -> Vec<Dashboard> {
    let others = names::parts().filter(|part| !part.metrics.iter().any(|it| is_elsewhere(it.name)));
    [functions(), service_levels(), alerts()].into_iter().chain(others.filter_map(of_part)).collect()
}

fn is_elsewhere(metric: &str) -> bool {
    metric.starts_with("function_") || metric.starts_with("slo_")
}

/// What annotated functions do.
fn functions() -> Dashboard {
    let choice = Choice(&["job", "component", "function"]);
    let all = choice.matchers("");
    let failed = choice.matchers(r#"outcome=~"error|panic""#);
    let judged = choice.matchers(r#"outcome!="cancelled""#);
    let by = "job, component, module, function";
    let quantile = |quantile| {
        format!(
            "histogram_quantile({quantile}, sum by ({by}, le) (rate(function_duration_seconds_bucket{{{all}}}[$__rate_interval])))"
        )
    };
    let per_second = |metric: &str, matchers: &str, by: &str| {
        format!("sum by ({by}) (rate({metric}{{{matchers}}}[$__rate_interval]))")
    };
    let duration = names::all().find(|metric| metric.name == "function_duration_seconds");
    let mut list = vec![
        Panel::row("Rate, errors, duration"),
        Panel::lines("Calls a second", "By function.", "ops")
            .ask(per_second("function_calls_total", &all, by), "{{component}} {{function}}"),
        Panel::lines(
            "Share of calls that fail",
            "Errors and panics, of the calls that nobody gave up.",
            "percentunit",
        )
        .ask(
            format!(
                "{} / {}",
                per_second("function_calls_total", &failed, by),
                per_second("function_calls_total", &judged, by)
            ),
            "{{component}} {{function}}",
        ),
        Panel::lines("Duration", "Half of the calls take this long at the most, and 99 of 100.", "s")
            .ask(quantile("0.5"), "p50 {{component}} {{function}}")
            .ask(quantile("0.99"), "p99 {{component}} {{function}}"),
        Panel::row("Outcomes"),
        Panel::lines("Outcomes a second", "How calls end.", "ops")
            .ask(per_second("function_calls_total", &all, "job, outcome"), "{{outcome}}"),
    ];
    list.extend(duration.map(|metric| heatmap(metric, choice).wide(16)));
    list.extend([
        Panel::row("Time"),
        Panel::lines(
            "Time in calls",
            "Seconds in a second: how many calls are under way on average.",
            "none",
        )
        .ask(per_second("function_duration_seconds_sum", &all, by), "{{component}} {{function}}"),
        Panel::lines(
            "Busy share of asynchronous calls",
            "Time in polls, of the time that calls took: the rest is waiting.",
            "percentunit",
        )
        .ask(
            format!(
                "{} / {}",
                per_second("function_busy_seconds_total", &all, by),
                per_second("function_duration_seconds_sum", &all, by)
            ),
            "{{component}} {{function}}",
        ),
        Panel::lines("Calls under way", "Of functions with `in_flight`.", "none")
            .ask(format!("sum by ({by}) (function_in_flight{{{all}}})"), "{{component}} {{function}}"),
    ]);
    Dashboard::new(
        "tachograph-functions",
        "Functions",
        "Annotated functions: rate, errors, duration.",
        variables(
            &[("job", "Job"), ("component", "Component"), ("function", "Function")],
            "function_calls_total",
        ),
        placed(list),
    )
}

/// How promises are kept.
fn service_levels() -> Dashboard {
    let choice = Choice(&["job", "component"]);
    let all = choice.matchers("");
    let bad = choice.matchers(r#"result="bad""#);
    let by = "job, component, module, slo";
    let legend = "{{component}} {{slo}}";
    let burn = |window: &str| {
        format!("slo:bad_ratio:rate{window}{{{all}}} / on ({by}) slo:error_budget:ratio{{{all}}}")
    };
    let list = [
        Panel::row("Promises"),
        Panel::number(
            "Budget that is left of 30 days",
            "1 is all of it, 0 nothing; below that it is overdrawn.",
            "percentunit",
        )
        .ask(format!("slo:error_budget_remaining:ratio30d{{{all}}}"), legend)
        .with_negatives(),
        Panel::number("Objective", "The share of events that are to be good.", "percentunit")
            .ask(format!("max by ({by}) (slo_objective_ratio{{{all}}})"), legend),
        Panel::number("Latency of a good call", "No good call takes longer.", "s")
            .ask(format!("min by ({by}) (slo_latency_threshold_seconds{{{all}}})"), legend),
        Panel::row("How fast the budget burns"),
        Panel::lines("Burn of an hour", "1 uses up the budget just in time.", "none").ask(burn("1h"), legend),
        Panel::lines("Burn of six hours", "1 uses up the budget just in time.", "none")
            .ask(burn("6h"), legend),
        Panel::lines("Burn of three days", "1 uses up the budget just in time.", "none")
            .ask(burn("3d"), legend),
        Panel::row("Events"),
        Panel::lines("Events a second", "Calls that were judged.", "ops")
            .ask(format!("sum by ({by}) (rate(slo_events_total{{{all}}}[$__rate_interval]))"), legend)
            .wide(12),
        Panel::lines("Bad events a second", "Failed or late.", "ops")
            .ask(format!("sum by ({by}) (rate(slo_events_total{{{bad}}}[$__rate_interval]))"), legend)
            .wide(12),
    ];
    Dashboard::new(
        "tachograph-service-levels",
        "Service levels",
        "What functions promise with `slo(…)`, and what is left of it.",
        variables(&[("job", "Job"), ("component", "Component")], "slo_objective_ratio"),
        placed(list),
    )
}

/// What fires.
fn alerts() -> Dashboard {
    let count = |severity: &str| {
        format!("count(ALERTS{{alertstate=\"firing\", severity=\"{severity}\"}}) or vector(0)")
    };
    let list = [
        Panel::row("Now"),
        Panel::number("Critical", "Alerts that fire.", "none").ask(count("critical"), ""),
        Panel::number("Warnings", "Alerts that fire.", "none").ask(count("warning"), ""),
        Panel::number("Infos", "Alerts that fire.", "none").ask(count("info"), ""),
        Panel::table("Alerts", "Those that fire, and those that wait.").ask("ALERTS", "").wide(24),
        Panel::row("Before"),
        Panel::lines("Firing by component", "How many at each time.", "none")
            .ask(
                r#"sum by (component, severity) (ALERTS{alertstate="firing"})"#,
                "{{component}} {{severity}}",
            )
            .wide(12),
        Panel::lines("Targets", "1 answers, 0 does not.", "none")
            .ask("min by (job, instance) (up)", "{{job}} {{instance}}")
            .wide(12),
    ];
    Dashboard::new(
        "tachograph-alerts",
        "Alerts",
        "What fires, and what is scraped.",
        Vec::new(),
        placed(list),
    )
}

/// All that a part of the program says.
fn of_part(part: &Part) -> Option<Dashboard> {
    let first = part.metrics.first()?;
    let title = part.title.split([',', '(']).next().unwrap_or_default().trim().trim_start_matches("The ");
    let title = title[..1].to_uppercase() + title.get(1..).unwrap_or_default();
    let uid = format!("tachograph-{}", title.split([' ', '/']).next().unwrap_or_default().to_lowercase());
    let list = part.metrics.iter().flat_map(|metric| {
        let (title, _) = metric.help.split_once('.').unwrap_or((metric.help, ""));
        std::iter::once(Panel::row(title)).chain(panels(metric, Choice(&["job", "instance"])))
    });
    let sample = match first.kind {
        names::Kind::Histogram => format!("{}_count", first.name),
        _ => first.name.to_owned(),
    };
    let variables = variables(&[("job", "Job"), ("instance", "Instance")], &sample);
    Some(Dashboard::new(
        &uid,
        &title,
        &format!("{}.", part.title.replace('`', "")),
        variables,
        placed(rows_joined(list)),
    ))
}

/// Metrics of one panel share a row without a title of its own.
fn rows_joined(panels: impl Iterator<Item = Panel>) -> Vec<Panel> {
    let panels: Vec<Panel> = panels.collect();
    let is_row = |at: usize| panels.get(at).is_none_or(|panel| panel.targets.is_empty());
    let keeps: Vec<bool> = (0..panels.len()).map(|at| !(is_row(at) && is_row(at + 2))).collect();
    panels.into_iter().zip(keeps).filter(|(_, keep)| *keep).map(|(panel, _)| panel).collect()
}

/// What can be chosen, each among what is left by those before it.
fn variables(labels: &[(&'static str, &'static str)], sample: &str) -> Vec<Variable> {
    let names: Vec<&str> = labels.iter().map(|(name, _)| *name).collect();
    let variable = |(at, (name, label)): (usize, &(&'static str, &'static str))| {
        let matchers = Choice(&names[..at]).matchers("");
        let selector =
            if matchers.is_empty() { sample.to_owned() } else { format!("{sample}{{{matchers}}}") };
        Variable::label(name, label, &selector)
    };
    labels.iter().enumerate().map(variable).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_metric_of_the_list_is_shown() {
        let shown: String = all().iter().map(Dashboard::json).collect();
        let missing: Vec<_> =
            names::all().map(|metric| metric.name).filter(|name| !shown.contains(name)).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn dashboards_and_their_panels_are_told_apart() {
        let all = all();
        assert_eq!(all.iter().map(|it| &it.uid).collect::<BTreeSet<_>>().len(), all.len());
        for dashboard in all {
            let ids: BTreeSet<_> = dashboard.panels.iter().map(|panel| panel.id).collect();
            assert_eq!(ids.len(), dashboard.panels.len(), "{}", dashboard.title);
        }
    }
}
