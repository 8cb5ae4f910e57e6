//! Annotated functions.

use super::Part;
use super::metric::{Label, Metric, Unit, any, counter, durations, gauge, one_of};
use crate::outcome::Outcome;

const FUNCTION: Label =
    any("function", "`name`, or the name of the function, as `Type::method` within a block");
const MODULE: Label = any("module", "its module");
const COMPONENT: Label = any("component", "`component`, by default `application`");
pub(super) const OUTCOME: Label = one_of("outcome", &OUTCOMES);

const OUTCOMES: [&str; Outcome::ALL.len()] = {
    let mut outcomes = [""; Outcome::ALL.len()];
    let mut at = 0;
    while at < outcomes.len() {
        outcomes[at] = Outcome::ALL[at].as_str();
        at += 1;
    }
    outcomes
};

pub(crate) const FUNCTION_DURATION: Metric = durations(
    "function_duration_seconds",
    "How long calls took in seconds, from first poll to end for a future.",
    &[FUNCTION, MODULE, COMPONENT],
);
pub(crate) const FUNCTION_CALLS: Metric = counter(
    "function_calls_total",
    "Calls that ended, by how they ended.",
    &[FUNCTION, MODULE, COMPONENT, OUTCOME],
);
pub(crate) const FUNCTION_BUSY: Metric = counter(
    "function_busy_seconds_total",
    "Time that futures spent in polls in seconds.",
    &[FUNCTION, MODULE, COMPONENT],
)
.in_unit(Unit::Seconds);
pub(crate) const FUNCTION_IN_FLIGHT: Metric =
    gauge("function_in_flight", "Calls under way.", &[FUNCTION, MODULE, COMPONENT]);

const SLO: Label = any("slo", "`slo(name = \"…\")`, by default the label `function`");
/// How an event of a service level can be.
pub(crate) const EVENT_RESULTS: [&str; 2] = ["good", "bad"];

pub(crate) const SLO_EVENTS: Metric = counter(
    "slo_events_total",
    "Calls by whether they kept the service level: well ended in time, or not.",
    &[SLO, FUNCTION, MODULE, COMPONENT, one_of("result", &EVENT_RESULTS)],
);
pub(crate) const SLO_OBJECTIVE: Metric = gauge(
    "slo_objective_ratio",
    "The share of events that are to be good.",
    &[SLO, FUNCTION, MODULE, COMPONENT],
);
pub(crate) const SLO_LATENCY: Metric = gauge(
    "slo_latency_threshold_seconds",
    "How long a good call takes at the most in seconds.",
    &[SLO, FUNCTION, MODULE, COMPONENT],
)
.in_unit(Unit::Seconds);

pub(super) const SERVICE_LEVELS: Part = Part {
    title: "Service levels of annotated functions, all of their `labels` together",
    metrics: &[&SLO_EVENTS, &SLO_OBJECTIVE, &SLO_LATENCY],
};

pub(super) const PART: Part = Part {
    title: "Annotated functions, with their `labels` besides",
    metrics: &[&FUNCTION_DURATION, &FUNCTION_CALLS, &FUNCTION_BUSY, &FUNCTION_IN_FLIGHT],
};
