//! `tachograph rules`: the rules that only one program can have, from its own functions.
//!
//! The rules of the pack hold for any program. What this one is to be watched for stands in its attributes: that it is there at
//! all, which components it has, and from when on a call of each function is slow.

use std::collections::BTreeSet;

use clap::Args;
use tachograph::names;

use crate::fault::{Fault, Faults};
use crate::program::{Function, Program};

/// Prints rules for the functions of a program.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    #[command(flatten)]
    program: Program,
    /// The job under which Prometheus scrapes it.
    #[arg(long)]
    job: String,
}

/// Prints them.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Faults> {
    let functions = arguments.program.functions()?;
    let functions = functions.ok_or_else(|| {
        Fault::new("of which program? Name its file with --binary, or its page of metrics with --url")
    })?;
    print!("{}", rules(&arguments.job, &functions));
    Ok(())
}

/// The file of rules.
fn rules(job: &str, functions: &[Function]) -> String {
    let components: BTreeSet<&str> = functions.iter().map(|function| function.component.as_str()).collect();
    let mut text = format!(
        "# What {job} says of itself in its attributes; put it beside the other rules, without its own lines in thresholds.yml.\n\
         groups:\n\
         \x20 - name: program_{}\n\
         \x20   rules:\n\
         \x20     # ServiceAbsent fires where no target of this job is known.\n",
        job.replace(|it: char| !it.is_ascii_alphanumeric(), "_"),
    );
    text += &record("service:expected", &[("job", job)], "1");
    text += "\n      # The components that it has.\n";
    for component in components {
        text += &record("service:component", &[("job", job), ("component", component)], "1");
    }
    text += &slow_calls(job, functions);
    text
}

/// Thresholds of `slow`, and the alert that compares with them.
fn slow_calls(job: &str, functions: &[Function]) -> String {
    let (mut records, mut beyond) = (String::new(), String::new());
    for function in functions {
        let Some(slow) = function.slow.map(|slow| slow.as_secs_f64()).filter(|slow| *slow > 0.0) else {
            continue;
        };
        let Function { component, module, name, .. } = function;
        if slow >= largest_bound(function) {
            beyond += &format!(
                "\n      # {module}::{name} is slow from {slow} s on, where its largest bucket ends: CallsBeyondBuckets watches it.\n"
            );
            continue;
        }
        let labels = [("job", job), ("component", component), ("module", module), ("function", name)];
        records += &record("function:slow:seconds", &labels, &slow.to_string());
    }
    if records.is_empty() {
        return beyond;
    }
    let by = "job, component, module, function";
    let job_label = quoted(job);
    let selected = format!("{{job={job_label}}}");
    format!(
        r#"
      # From when on a call is slow, as `slow = "…"` says.
{records}{beyond}
      - alert: CallsSlowerThanDeclared
        expr: |
          (
              histogram_quantile(0.99, sum by ({by}, le) (rate(function_duration_seconds_bucket{selected}[5m])))
            > on ({by})
              function:slow:seconds{selected}
          )
          and on ({by}) (
              sum by ({by}) (increase(function_duration_seconds_count{selected}[5m]))
            >= on () group_left ()
              alert:minimum_calls
          )
        for: 10m
        keep_firing_for: 5m
        labels:
          severity: warning
          component: "{{{{ $labels.component }}}}"
        annotations:
          summary: "{{{{ $labels.function }}}} of {{{{ $labels.job }}}} is slower than it was declared to be"
          description: >-
            1 call in 100 of {{{{ $labels.module }}}}::{{{{ $labels.function }}}} (component {{{{ $labels.component }}}}) takes
            {{{{ $value | humanizeDuration }}}} or longer, more than its `slow` says.
          runbook_url: '{{{{ range query "alert:runbooks" }}}}{{{{ .Labels.base }}}}{{{{ end }}}}/SlowCalls.md'
"#
    )
}

/// Where the buckets of a function end, in seconds.
fn largest_bound(function: &Function) -> f64 {
    let own = function.largest_bound.map(|nanos| std::time::Duration::from_nanos(nanos).as_secs_f64());
    let default = || names::all().find(|metric| metric.name == "function_duration_seconds")?.largest_bound();
    own.or_else(default).unwrap_or(f64::INFINITY)
}

fn record(name: &str, labels: &[(&str, &str)], value: &str) -> String {
    let labels: Vec<_> = labels.iter().map(|(label, value)| format!("{label}: {}", quoted(value))).collect();
    format!(
        "      - record: {name}\n        labels: {{ {} }}\n        expr: vector({value})\n",
        labels.join(", ")
    )
}

/// A text as both YAML and PromQL quote it.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn function(name: &str, slow: Option<Duration>) -> Function {
        let [component, module] = ["download", "mirror::\"odd\""].map(str::to_owned);
        Function { component, module, name: name.to_owned(), slow, largest_bound: None }
    }

    #[test]
    fn a_threshold_is_compared_with_where_a_quantile_can_reach_it() {
        let functions = [
            function("fetch", Some(Duration::from_millis(250))),
            function("hash", None),
            function("wait", Some(Duration::from_secs(30))),
        ];
        let text = rules("mirror", &functions);
        assert_eq!(text.matches("record: function:slow:seconds").count(), 1, "{text}");
        assert!(text.contains("vector(0.25)") && text.contains("wait is slow from 30 s on"), "{text}");
    }

    #[test]
    fn without_thresholds_there_is_no_alert() {
        assert!(!rules("mirror", &[function("hash", None)]).contains("alert: "));
    }
}
