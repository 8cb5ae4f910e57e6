//! What is silenced, and what must not be.

use serde_json::{Value, json};

use crate::alerting::{Alerting, GENERATIONS, fresh};

/// An alert named `Name severity component job`, in which `-` stands for a label that is missing.
fn of(words: &str) -> Value {
    let values: Vec<&str> = words.split(' ').collect();
    let labels = ["severity", "component", "job"].into_iter().zip(values[1..].iter().copied());
    let labels: Vec<_> = labels.filter(|(_, value)| *value != "-").collect();
    fresh(values[0], &labels)
}

#[test]
fn the_lower_severities_of_a_component_are_silent_and_nothing_else_is() {
    let silent = [
        "Same warning downloads mirror",
        "SameInfo info downloads mirror",
        "WithoutJob warning downloads -",
        "UnderComponent warning workers mirror",
        "UnderServer warning database mirror",
        "UnderWarning info resources mirror",
        "UnderWarningWithoutJob info resources -",
        "UnderWarnedComponent info telemetry mirror",
    ];
    let heard = [
        "FirstCritical critical downloads mirror",
        "ComponentCritical critical workers -",
        "ServerCritical critical database postgres",
        "ResourcesWarning warning resources mirror",
        "ComponentWarning warning telemetry -",
        "OtherCritical critical downloads api",
        "OtherComponent warning cache mirror",
        "OtherJob warning downloads archive",
        "OtherJobInfo info resources archive",
        // Here the component is missing on both sides, which Alertmanager takes for equal.
        "NobodysCritical critical - -",
        "NobodysWarning warning - -",
        "NobodysInfo info - other",
    ];
    for generation in GENERATIONS {
        let alerting = Alerting::start(generation);
        alerting.alertmanager.post(&json!(silent.map(of)));
        // What silences them may come a moment later, and what comes last is sent last.
        alerting.alertmanager.post(&json!(heard.map(of)));
        for words in heard {
            let name = words.split(' ').next().expect("a name");
            alerting.text_naming(&format!("\n\n{name}"));
        }
        let texts: Vec<String> =
            alerting.telegram.messages().into_iter().map(|message| message.text).collect();
        for words in silent {
            let name = words.split(' ').next().expect("a name");
            let is_named = |text: &&String| text.lines().any(|line| line.split(' ').next() == Some(name));
            let naming = texts.iter().find(is_named);
            assert_eq!(naming, None, "{generation}: {words}");
        }
    }
}
