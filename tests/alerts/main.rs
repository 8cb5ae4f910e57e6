//! The alert pack, from the text of a rule to what a running Prometheus makes of it.

mod scrape_config;
mod rules;

mod promtool_accepts;
mod proof;
mod dashboards;
mod program;
mod mutations;
mod prometheus_sees;
