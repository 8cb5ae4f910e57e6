//! The variables of the template: which there are, and what they may be.

use std::path::{Path, PathBuf};

use crate::fault::Fault;
use crate::token::{self, Token};

/// Each variable, with its value or with what is wrong about it.
pub(crate) struct Variables {
    token_file: PathBuf,
    known: [(&'static str, Result<Option<String>, String>); 4],
}

impl Variables {
    pub(crate) fn of_environment(token_file: &Path) -> Self {
        let api = token::set("TELEGRAM_API_URL").unwrap_or_else(|| "https://api.telegram.org".to_owned());
        let known = [
            ("TELEGRAM_ALERT_CHAT_ID", chat(token::set("TELEGRAM_ALERT_CHAT_ID")).map(Some)),
            ("TELEGRAM_API_URL", url("TELEGRAM_API_URL", api).map(Some)),
            (token::FILE_VARIABLE, path(&token_file.display().to_string()).map(Some)),
            (
                "HEARTBEAT_URL",
                token::set("HEARTBEAT_URL").map(|value| url("HEARTBEAT_URL", value)).transpose(),
            ),
        ];
        Self { token_file: token_file.to_owned(), known }
    }

    /// What stands for a variable; none where it is not set and need not be.
    pub(crate) fn value(&self, name: &str) -> Result<Option<&str>, String> {
        if name == token::VARIABLE {
            return Err(format!(
                "{name} is a secret, and Alertmanager shows its configuration to everybody; use `bot_token_file: ${{{}}}`",
                token::FILE_VARIABLE
            ));
        }
        let Some((_, value)) = self.known.iter().find(|(known, _)| *known == name) else {
            let known: Vec<_> = self.known.iter().map(|(name, _)| *name).collect();
            return Err(format!("unknown variable `{name}`; known are {}", known.join(", ")));
        };
        value.as_ref().map(Option::as_deref).map_err(Clone::clone)
    }

    /// The token, which stands nowhere in the template.
    pub(crate) fn token(&self) -> Result<Token, Fault> {
        Token::find(&self.token_file)
    }
}

/// The value is not shown: somebody may have confused it with the token.
fn chat(value: Option<String>) -> Result<String, String> {
    let value = value.ok_or(
        "TELEGRAM_ALERT_CHAT_ID is not set; set it to the number of the chat, which is negative for a group",
    )?;
    match value.parse::<i64>() {
        Ok(number) if number != 0 => Ok(number.to_string()),
        _ => Err("TELEGRAM_ALERT_CHAT_ID is no number of a chat, such as -1001234567890".to_owned()),
    }
}

/// The value is not shown: an address may be a secret, too.
fn url(name: &str, value: String) -> Result<String, String> {
    let rest = value.strip_prefix("https://").or_else(|| value.strip_prefix("http://"));
    let is_fit = rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['/', ':']) && is_plain(rest));
    if is_fit {
        return Ok(value);
    }
    Err(format!("{name} is no address that begins with https:// or http://, without spaces and quotes"))
}

fn path(value: &str) -> Result<String, String> {
    if value.starts_with('/') && is_plain(value) {
        return Ok(value.to_owned());
    }
    Err(format!("{} is `{value}`, which is no absolute path without spaces and quotes", token::FILE_VARIABLE))
}

/// Whether YAML takes it for nothing but a text.
fn is_plain(value: &str) -> bool {
    value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~/?#%=&@+,;!*:[]()".contains(&byte))
        && !value.ends_with(':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chat_is_a_number() {
        for right in ["1", "-1001234567890", "123456789"] {
            assert_eq!(chat(Some(right.to_owned())), Ok(right.to_owned()));
        }
        for wrong in ["0", "@channel", "12a", "1.5", " 1", "${ENV}", "99999999999999999999"] {
            let message = chat(Some(wrong.to_owned())).unwrap_err();
            assert!(!message.contains(wrong) || wrong == "0" || wrong == "1", "{message}");
        }
        assert!(chat(None).unwrap_err().contains("not set"));
    }

    #[test]
    fn an_address_cannot_change_the_configuration_around_it() {
        for right in ["http://127.0.0.1:1", "https://hc.example/ping/0-1?a=b&c", "http://[::1]:80/"] {
            assert_eq!(url("A", right.to_owned()), Ok(right.to_owned()));
        }
        for wrong in [
            "",
            "https://",
            "ftp://a",
            "https://a b",
            "https://a\nb: c",
            "https://a\"",
            "https://a:",
            "http:///a",
        ] {
            url("A", wrong.to_owned()).unwrap_err();
        }
    }
}
