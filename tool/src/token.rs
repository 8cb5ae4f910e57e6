//! The token of a Telegram bot: it opens the bot to whoever has it, so nothing here prints one.

use std::env;
use std::fs;
use std::path::Path;

use crate::fault::Fault;

/// The variable that may hold it.
pub(crate) const VARIABLE: &str = "TELEGRAM_BOT_TOKEN";
/// The variable that may name the file that holds it, and that file where it does not.
pub(crate) const FILE_VARIABLE: &str = "TELEGRAM_BOT_TOKEN_FILE";
pub(crate) const FILE: &str = "/run/secrets/telegram_bot_token";

/// A token of the right shape.
pub(crate) struct Token(String);

impl Token {
    /// The one that the environment has, or else the file.
    pub(crate) fn find(file: &Path) -> Result<Self, Fault> {
        if let Some(token) = set(VARIABLE) {
            return Self::parse(&token).ok_or_else(|| Fault::new(format!("{VARIABLE} {SHAPE}")));
        }
        let content = fs::read_to_string(file).map_err(|error| {
            Fault::new(format!(
                "{VARIABLE} is not set, and {} cannot be read: {error}; set it to the token that @BotFather gave",
                file.display()
            ))
        })?;
        Self::parse(content.trim()).ok_or_else(|| Fault::of(file, format!("the content {SHAPE}")))
    }

    /// The text that is not to be seen.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    fn parse(text: &str) -> Option<Self> {
        let (bot, secret) = text.split_once(':')?;
        let is_bot = (3..=20).contains(&bot.len()) && bot.bytes().all(|byte| byte.is_ascii_digit());
        let is_secret = (30..=64).contains(&secret.len()) && secret.bytes().all(is_secret_byte);
        (is_bot && is_secret).then(|| Self(text.to_owned()))
    }
}

const SHAPE: &str = "is no token of a bot: digits, a colon, and 30 or more letters, digits, `-` and `_`, as \
                     @BotFather gave it";

/// Whether it may stand behind the colon of a token.
pub(crate) fn is_secret_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

/// A variable of the environment. An empty one counts as not set: Compose hands those on that way.
pub(crate) fn set(variable: &str) -> Option<String> {
    env::var(variable).ok().filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_told_from_what_is_none() {
        let secret = "AAExample-of_what_a_token_looks_like";
        assert!(Token::parse(&format!("123456789:{secret}")).is_some());
        for wrong in ["", "123456789", ":", "${TELEGRAM_BOT_TOKEN}", "-1001234567890", "123456789:short"] {
            assert!(Token::parse(wrong).is_none(), "{wrong}");
        }
        assert!(Token::parse(&format!("bot123456789:{secret}")).is_none());
        assert!(Token::parse(&format!("123456789:{secret}\n")).is_none());
        assert!(Token::parse(&format!("123456789:{secret} {secret}")).is_none());
    }
}
