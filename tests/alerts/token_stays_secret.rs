//! The token of the bot is in no configuration, no output and no log.

use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::json;
use tachograph_servers::alertmanager::Alertmanager;
use tachograph_servers::generation::Generation;
use tachograph_servers::target::{alerts, temporary};
use tachograph_servers::telegram::{CHAT, TOKEN};

use crate::alerting::{GENERATIONS, fresh, hurried, rendered, tachograph, template};

/// Nobody listens there.
const UNREACHABLE: &str = "http://127.0.0.1:1";

/// Starts an Alertmanager that has something to tell a Telegram that it cannot reach.
fn frustrated(directory: &Path, starter: &[&Path], generation: Generation) -> Alertmanager {
    let config = rendered(directory, UNREACHABLE, &[]);
    let text = fs::read_to_string(&config).expect("it was just written");
    fs::write(&config, hurried(&text)).expect("the directory is the test's own");
    let alertmanager = Alertmanager::start_by(starter, generation, &config);
    alertmanager.post(&json!([fresh("A", &[("severity", "critical")])]));
    alertmanager
}

#[test]
fn alertmanager_alone_logs_it() {
    let directory = temporary();
    let mut alertmanager = frustrated(directory.path(), &[], Generation::Trixie);
    alertmanager.wait_for("the token", |line| line.contains(&format!("bot{TOKEN}/")).then_some(()));
}

#[test]
fn a_log_that_is_redacted_does_not() {
    let tool = tachograph().get_program().to_owned();
    let folder = Path::new(&tool).parent().expect("it lies in a folder").display().to_string();
    for generation in GENERATIONS {
        let directory = temporary();
        let path = format!("PATH={folder}:{}", env::var("PATH").unwrap_or_default());
        let script = alerts().join("alertmanager/redacted.sh");
        let starter = ["/usr/bin/env".as_ref(), path.as_ref(), script.as_path()];
        let mut alertmanager = frustrated(directory.path(), &starter, generation);
        for _ in 0..2 {
            alertmanager.wait_for("that it cannot send", |line| {
                assert!(!line.contains(TOKEN) && !line.contains("AAExample"), "{line}");
                (line.contains("/bot[redacted]/sendMessage") && line.contains("connection refused"))
                    .then_some(())
            });
        }
    }
}

#[test]
fn it_is_in_a_file_of_its_own_and_nowhere_else() {
    let directory = temporary();
    rendered(directory.path(), UNREACHABLE, &[]);
    let mut files: Vec<_> =
        fs::read_dir(directory.path()).expect("it is there").flatten().map(|it| it.path()).collect();
    files.sort();
    let names: Vec<_> =
        files.iter().map(|path| path.file_name().expect("a name").to_string_lossy()).collect();
    assert_eq!(names, ["alertmanager.yml", "telegram_bot_token", "templates"]);
    assert!(!fs::read_to_string(&files[0]).expect("it is text").contains(TOKEN));
    assert_eq!(fs::read_to_string(&files[1]).expect("it is text"), TOKEN);
    assert_eq!(fs::metadata(&files[1]).expect("it is there").permissions().mode() & 0o777, 0o600);
}

#[test]
fn it_may_come_in_a_file_as_compose_brings_it() {
    let directory = temporary();
    let file = directory.path().join("token");
    let render = |content: &str| {
        fs::write(&file, content).expect("the directory is the test's own");
        let mut command = tachograph();
        command.arg("render").arg(template());
        command.env("TELEGRAM_BOT_TOKEN_FILE", &file).env("TELEGRAM_ALERT_CHAT_ID", CHAT);
        command.output().expect("the tool runs")
    };
    let output = render(&format!("{TOKEN}\n"));
    let config = String::from_utf8(output.stdout).expect("it is text");
    assert!(output.status.success() && !config.contains(TOKEN));
    assert_eq!(config.matches(&format!("bot_token_file: {}\n", file.display())).count(), 3);

    let output = render("a secret that is none");
    let said = String::from_utf8(output.stderr).expect("it is text");
    assert!(
        !output.status.success() && output.stdout.is_empty() && !said.contains("a secret that"),
        "{said}"
    );
    assert!(said.contains(&format!("{}: the content is no token of a bot", file.display())), "{said}");
}
