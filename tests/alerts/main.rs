//! The alert pack, from the text of a rule to what a running Prometheus makes of it.

mod scrape_config;
mod promql;
mod rules;
mod rule_tests;
mod alerting;

mod promtool_accepts;
mod rules_are_proven;
mod names;
mod prometheus_sees;
mod messages_arrive;
mod inhibition;
mod messages_repeat;
mod heartbeat;
