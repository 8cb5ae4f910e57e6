//! The dashboard of one program: a row for each of its components, and a line for each of its functions.

use crate::dashboards::grafana::{Dashboard, Panel, placed};
use crate::program::Function;

/// The dashboard of these functions, which are sorted by component.
pub(crate) fn dashboard(job: &str, functions: &[Function]) -> Dashboard {
    let panels = functions
        .chunk_by(|a, b| a.component == b.component)
        .flat_map(|of_component| component(job, of_component));
    let uid = format!(
        "tachograph-program-{}",
        job.to_lowercase().replace(|it: char| !it.is_ascii_alphanumeric(), "-")
    );
    // Grafana takes no longer one.
    let uid: String = uid.chars().take(40).collect();
    Dashboard::new(&uid, job, &format!("The functions of {job}, by component."), Vec::new(), placed(panels))
}

fn component(job: &str, functions: &[Function]) -> Vec<Panel> {
    let Some(Function { component, .. }) = functions.first() else { return Vec::new() };
    let mut panels = vec![Panel::row(component)];
    for function in functions {
        let Function { component, module, name, .. } = function;
        let [job, of, module, function] =
            [job, component, module, name].map(|text| serde_json::Value::from(text).to_string());
        let selected = format!("job={job}, component={of}, module={module}, function={function}");
        let calls =
            format!("sum by (job, outcome) (rate(function_calls_total{{{selected}}}[$__rate_interval]))");
        let busy =
            format!("sum by (job) (rate(function_duration_seconds_sum{{{selected}}}[$__rate_interval]))");
        let quantile = |quantile: &str| {
            format!(
                "histogram_quantile({quantile}, sum by (job, le) (rate(function_duration_seconds_bucket{{{selected}}}[$__rate_interval])))"
            )
        };
        panels.extend([
            Panel::lines(&format!("{name}: calls a second"), "By how they end.", "ops")
                .ask(calls, "{{outcome}}"),
            Panel::lines(
                &format!("{name}: duration"),
                "Of half of the calls at the most, and of 99 of 100.",
                "s",
            )
            .ask(quantile("0.5"), "p50")
            .ask(quantile("0.99"), "p99"),
            Panel::lines(&format!("{name}: time in calls"), "How many are under way on average.", "none")
                .ask(busy, "{{job}}"),
        ]);
    }
    panels
}
