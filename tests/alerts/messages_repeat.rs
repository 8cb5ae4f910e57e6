//! How often a message comes again: in a real Alertmanager whose time runs faster, and in the real time by its own rule.

use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use yaml_rust2::{Yaml, YamlLoader};

use crate::alerting::{Alerting, GENERATIONS, fresh, seconds, template, with_intervals};
use crate::scrape_config::read;
use crate::yaml::items;

/// How far from its time a message may come, on a machine with other things to do. One group_interval is a second here.
const SLACK: Duration = Duration::from_millis(800);

/// An alert that lasts is told again after that long, in a time that runs `times` as fast.
fn check(severity: &str, times: f64, expected: Duration) {
    let period = |generation| {
        let alerting = Alerting::start_with(generation, &[], |config| {
            with_intervals(config, |key, duration| if key == "group_wait" { 0.5 } else { duration / times })
        });
        alerting.alertmanager.post(&json!([fresh("Lasting", &[("severity", severity), ("component", "a")])]));
        let [first, second] =
            [0, 1].map(|nth| alerting.telegram.wait_for_nth("again", nth, |message| Some(message.at)));
        second - first
    };
    thread::scope(|scope| {
        for generation in GENERATIONS {
            scope.spawn(move || {
                let (period, bounds) = (period(generation), expected - SLACK..expected + SLACK);
                assert!(bounds.contains(&period), "{generation}: {period:?} instead of {expected:?}");
            });
        }
    });
}

#[test]
fn a_critical_alert_comes_again_every_five_minutes() {
    check("critical", 10.0, Duration::from_secs(30));
}

#[test]
fn a_warning_comes_again_every_three_hours() {
    check("warning", 300.0, Duration::from_secs(36));
}

#[test]
fn the_periods_of_life_are_what_is_promised() {
    let config = YamlLoader::load_from_str(&read(&template())).expect("it is YAML");
    let root = &config[0]["route"];
    let period = |matcher: &str| {
        let is_it = |route: &&Yaml| items(&route["matchers"]).any(|it| it.as_str() == Some(matcher));
        let route = items(&root["routes"]).find(is_it).expect("each severity has a route");
        let interval =
            |key: &str| route[key].as_str().or(root[key].as_str()).map(seconds).expect("it has intervals");
        let (group, repeat) = (interval("group_interval"), interval("repeat_interval"));
        // What the tests above see: the first multiple that is later. Sending may take half of the rest.
        assert!(
            group - repeat % group >= 5.0,
            "{matcher}: a message that takes a moment comes one group_interval late"
        );
        group * (repeat / group).floor() + group
    };
    let minutes = |matcher| period(matcher) / 60.0;
    assert_eq!(minutes("severity=\"critical\""), 5.0);
    assert_eq!(minutes("severity=\"warning\""), 3.0 * 60.0);
    assert_eq!(minutes("severity=\"info\""), 24.0 * 60.0);
    assert_eq!(minutes("heartbeat=\"true\""), 1.0);
}

#[test]
fn what_is_resolved_is_told_once() {
    for generation in GENERATIONS {
        let alerting = Alerting::start_with(generation, &[], |config| {
            with_intervals(config, |_, duration| (duration / 60.0).min(1.0))
        });
        let lasting = |over: bool| -> Value {
            let mut alert = fresh("Ended", &[("severity", "critical"), ("component", "a")]);
            if over {
                alert["startsAt"] = json!("2026-02-08T18:45:23Z");
                alert["endsAt"] = json!("2026-02-08T18:46:23Z");
            }
            alert
        };
        alerting.alertmanager.post(&json!([lasting(false)]));
        alerting.text_naming("CRITICAL");
        alerting.alertmanager.post(&json!([lasting(true)]));
        alerting.text_naming("Resolved");
        thread::sleep(Duration::from_secs(2));
        let resolved = |text: &str| text.contains("Resolved");
        let messages = alerting.telegram.messages();
        assert_eq!(messages.iter().filter(|message| resolved(&message.text)).count(), 1);
        assert!(resolved(&messages.last().expect("there are some").text));
    }
}
