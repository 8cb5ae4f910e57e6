//! What would not arrive is not rendered: all that is wrong is said at once, with its line, and nothing is written.

use std::fs;
use std::process::Output;

use tachograph_servers::target::{alerts, temporary};
use tachograph_servers::telegram::{CHAT, TOKEN};

use crate::alerting::{tachograph, template};
use crate::scrape_config::read;

const RIGHT: [(&str, &str); 2] = [("TELEGRAM_BOT_TOKEN", TOKEN), ("TELEGRAM_ALERT_CHAT_ID", CHAT)];

/// Renders the repository's template after a change, and gives what is said about it, or nothing where it was rendered.
fn refused(from: &str, to: &str, variables: &[(&str, &str)]) -> Option<String> {
    let directory = temporary();
    let path = directory.path().join("in/alertmanager.yml");
    let messages = directory.path().join("in/templates/telegram.tmpl");
    fs::create_dir_all(messages.parent().expect("a folder")).expect("the directory is the test's own");
    for (path, source) in
        [(&path, template()), (&messages, alerts().join("alertmanager/templates/telegram.tmpl"))]
    {
        fs::write(path, read(&source).replacen(from, to, 1)).expect("the directory is the test's own");
    }
    let output = directory.path().join("out/alertmanager.yml");
    let mut command = tachograph();
    command.arg("render").arg(&path).arg("--output").arg(&output).envs(variables.iter().copied());
    command.env("TELEGRAM_BOT_TOKEN_FILE", directory.path().join("token"));
    let Output { status, stdout, stderr } = command.output().expect("the tool runs");
    let said = String::from_utf8_lossy(&stderr).into_owned();
    assert!(!said.contains(TOKEN) && stdout.is_empty(), "{said}");
    assert_eq!(status.success(), output.exists(), "{said}");
    assert_eq!(status.success(), directory.path().join("out").exists(), "{said}");
    (!status.success()).then(|| said.replace(&format!("{}/in/", directory.path().display()), ""))
}

/// The line of the template, or of the messages, that has a text first.
fn line(of: &str, text: &str) -> usize {
    let path = alerts().join("alertmanager").join(of);
    let position = read(&path).lines().position(|line| line.contains(text));
    position.unwrap_or_else(|| panic!("{of} has no `{text}`")) + 1
}

fn check(from: &str, to: &str, place: (&str, &str), expected: &str) {
    let said = refused(from, to, &RIGHT).unwrap_or_else(|| panic!("`{to}` was rendered"));
    let (file, text) = place;
    let expected = format!("error: {file}:{}: {expected}", line(file, text));
    assert!(said.contains(&expected), "expected: {expected}\nsaid: {said}");
}

fn check_variable(name: &str, value: &str, expected: &str) {
    let others = RIGHT.into_iter().filter(|(other, _)| *other != name);
    let said = refused("", "", &others.chain([(name, value)]).collect::<Vec<_>>());
    let said = said.unwrap_or_else(|| panic!("`{value}` was rendered"));
    assert!(said.contains(expected), "expected: {expected}\nsaid: {said}");
    assert!(value.len() < 4 || !said.contains(value), "{said} shows what may be a secret");
}

const CONFIG: &str = "alertmanager.yml";
const MESSAGES: &str = "templates/telegram.tmpl";

#[test]
fn what_is_right_is_rendered() {
    assert_eq!(refused("", "", &RIGHT), None);
    assert_eq!(refused("", "", &[RIGHT[0], RIGHT[1], ("HEARTBEAT_URL", "https://example.com/a")]), None);
}

#[test]
fn a_chat_that_is_none() {
    let chat_line = line(CONFIG, "chat_id: ");
    check_variable(
        "TELEGRAM_ALERT_CHAT_ID",
        "",
        &format!("{CONFIG}:{chat_line}: TELEGRAM_ALERT_CHAT_ID is not set"),
    );
    for wrong in ["@channel", "${ENV}", "12x4567", TOKEN] {
        let expected = format!("{CONFIG}:{chat_line}: TELEGRAM_ALERT_CHAT_ID is no number of a chat");
        check_variable("TELEGRAM_ALERT_CHAT_ID", wrong, &expected);
    }
}

#[test]
fn a_token_that_is_none() {
    check_variable("TELEGRAM_BOT_TOKEN", "", "TELEGRAM_BOT_TOKEN is not set, and ");
    for wrong in ["123456789", "${TELEGRAM_BOT_TOKEN}", "not-a-number:AAExample-token_of_a_bot_that_is_none"]
    {
        check_variable("TELEGRAM_BOT_TOKEN", wrong, "TELEGRAM_BOT_TOKEN is no token of a bot");
    }
}

#[test]
fn addresses_that_are_none() {
    for wrong in ["example.com/ping", "https://a b/secret", "https://a\n- c: d"] {
        check_variable("HEARTBEAT_URL", wrong, "HEARTBEAT_URL is no address");
        check_variable("TELEGRAM_API_URL", wrong, "TELEGRAM_API_URL is no address");
    }
}

#[test]
fn variables_that_nobody_knows_and_the_one_that_is_secret() {
    check(
        "${TELEGRAM_ALERT_CHAT_ID}",
        "${CHAT}",
        (CONFIG, "chat_id: "),
        "unknown variable `CHAT`; known are ",
    );
    let secret = ("bot_token_file: ${TELEGRAM_BOT_TOKEN_FILE}", "bot_token: ${TELEGRAM_BOT_TOKEN}");
    check(secret.0, secret.1, (CONFIG, "bot_token_file: "), "TELEGRAM_BOT_TOKEN is a secret");
    check(
        secret.0,
        &format!("bot_token: {TOKEN}"),
        (CONFIG, "bot_token_file: "),
        "a token stands in the configuration",
    );
    check(
        "${HEARTBEAT_URL} # only if HEARTBEAT_URL is set",
        "${HEARTBEAT_URL}",
        (CONFIG, "url: ${HEARTBEAT_URL}"),
        "HEARTBEAT_URL may be unset",
    );
    check(
        "chat_id: ${TELEGRAM_ALERT_CHAT_ID}",
        "chat_id: ${TELEGRAM",
        (CONFIG, "chat_id: "),
        "`${` without a `}`",
    );
}

#[test]
fn severities_that_no_rule_has() {
    let matcher = "matchers: [severity=\"warning\"]";
    for wrong in ["severity=\"warn\"", "severity=~\"warn|info\"", "severity=warn"] {
        check(matcher, &format!("matchers: ['{wrong}']"), (CONFIG, matcher), "unknown severity `warn`");
    }
    check(
        "target_matchers: [severity=~\"warning|info\"",
        "target_matchers: [severity=~\"warning|imfo\"",
        (CONFIG, "target_matchers: "),
        "unknown severity `imfo`",
    );
}

#[test]
fn receivers_and_messages_that_are_not_there() {
    let receiver = "receiver: telegram-info";
    check(
        receiver,
        "receiver: telegram-inof",
        (CONFIG, receiver),
        "a route names the receiver `telegram-inof`, but there are heartbeat, telegram-critical",
    );
    let asked = "{{ template \"telegram.info\" . }}";
    check(
        asked,
        "{{ template \"telegram.inof\" . }}",
        (CONFIG, asked),
        "the template `telegram.inof` is not defined",
    );
    let defined = "{{ define \"telegram.heading\" }}";
    let first = (MESSAGES, "{{ template \"telegram.heading\" . }}");
    check(
        defined,
        "{{ define \"telegram.haeding\" }}",
        first,
        "the template `telegram.heading` is not defined",
    );
    check("templates/*.tmpl", "templates/*.tpl", (CONFIG, "templates/*.tmpl"), "no file has this name");
}

#[test]
fn an_inhibition_of_everything() {
    let rule = "    equal: [component, job]\n";
    check(rule, "", (CONFIG, "source_matchers: "), "an inhibition without `equal`");
}

#[test]
fn all_that_is_wrong_at_once() {
    let said = refused("receiver: telegram-info", "receiver: nobody", &[("TELEGRAM_BOT_TOKEN", "x")]);
    let said = said.expect("it is refused");
    for expected in
        ["TELEGRAM_ALERT_CHAT_ID is not set", "TELEGRAM_BOT_TOKEN is no token", "the receiver `nobody`"]
    {
        assert!(said.contains(expected), "{said}");
    }
}
