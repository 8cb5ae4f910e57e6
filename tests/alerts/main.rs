//! The alert pack, from the text of a rule to what a running Prometheus makes of it.

mod scrape_config;
mod yaml;
mod alerting;
mod watched;
mod service;
mod visitors;

mod promtool_accepts;
mod proof;
mod dashboards;
mod program;
mod mutations;
mod prometheus_sees;
mod messages_arrive;
mod inhibition;
mod messages_repeat;
mod heartbeat;
mod alertmanager_accepts;
mod render_refuses;
mod token_stays_secret;
mod faults_reach_people;
mod compose;
mod lost_stores;
mod lost_workers;
mod full_disk;
