//! Which fields are never written: those whose name says that they hold a secret.

/// In lower case and with `_`; each also in the plural and as the last part of a longer name.
const SECRETS: [&str; 16] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "authorization",
    "cookie",
    "api_key",
    "apikey",
    "access_key",
    "private_key",
    "secret_key",
    "credential",
    "accesskey",
    "privatekey",
    "secretkey",
];

pub(super) use crate::sensitive::REDACTED;

/// Whether the value of this field is a secret: `Password`, `set-cookie`, `db_token`, `http.header.authorization`,
/// `userPassword`; not `passwordless`, not `tokens` (which mostly counts them).
pub(super) fn is_secret(name: &str) -> bool {
    let bytes = name.as_bytes();
    // Most names are told apart by their last letter.
    let singular = match bytes.last().map(u8::to_ascii_lowercase) {
        Some(b'd' | b'e' | b't' | b'n' | b'y' | b'l') => bytes,
        Some(b's') if !ends_with_word(bytes, "tokens") => &bytes[..bytes.len() - 1],
        _ => return false,
    };
    SECRETS.iter().any(|secret| ends_with_word(singular, secret))
}

/// Whether `name` ends with `word`, and the word begins there: at the front, after a sign, or with a camel's hump.
fn ends_with_word(name: &[u8], word: &str) -> bool {
    let Some(start) = name.len().checked_sub(word.len()) else { return false };
    let (before, end) = name.split_at(start);
    let same =
        |(a, b): (&u8, u8)| a.to_ascii_lowercase() == b || (b == b'_' && matches!(a, b'-' | b'.' | b' '));
    let begins = match (before.last(), end.first()) {
        (Some(last), Some(first)) => !last.is_ascii_alphanumeric() || hump(*last, *first),
        _ => true,
    };
    begins && end.iter().zip(word.bytes()).all(same)
}

fn hump(last: u8, first: u8) -> bool {
    first.is_ascii_uppercase() && !last.is_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_known_in_any_spelling() {
        for name in [
            "password",
            "PASSWD",
            "Secret",
            "token",
            "Authorization",
            "cookie",
            "set-cookie",
            "Set_Cookie",
            "api_key",
            "API-Key",
            "x-api-key",
            "apikey",
            "apiKey",
            "access_key",
            "AccessKey",
            "private_key",
            "privateKey",
            "credential",
            "credentials",
            "user_password",
            "db_token",
            "http.header.authorization",
            "userPassword",
            "proxy-authorization",
            "client_secret",
            "secrets",
            "cookies",
            "passwords",
            "refreshToken",
            "api_keys",
        ] {
            assert!(is_secret(name), "{name}");
        }
    }

    #[test]
    fn other_names_are_left_alone() {
        for name in [
            "",
            "s",
            "url",
            "passwordless",
            "tokens",
            "prompt_tokens",
            "token_count",
            "key",
            "primary_key",
            "cache_key",
            "monkey",
            "secretary",
            "cookie_size",
            "user",
            "status",
            "size",
            "id",
            "betoken",
            "ünïcode",
            "ñtoken_é",
        ] {
            assert!(!is_secret(name), "{name}");
        }
    }
}
