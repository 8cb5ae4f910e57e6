//! `tachograph redact`: a log without the token of the bot.
//!
//! Alertmanager writes the address that it could not reach, and Telegram's addresses hold the token.

use std::io::{self, BufRead, Write};
use std::path::PathBuf;

use clap::Args;

use crate::fault::{Fault, Faults};
use crate::token::{self, Token, is_secret_byte};

const REDACTED: &[u8] = b"[redacted]";

/// Copies standard input to standard output, without tokens of Telegram bots.
///
/// What looks like one in an address, /bot123:ABC/, is replaced. So is the token of TELEGRAM_BOT_TOKEN or of the file that
/// TELEGRAM_BOT_TOKEN_FILE names, wherever it stands.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// A file that holds the token.
    #[arg(long, env = token::FILE_VARIABLE, default_value = token::FILE)]
    token_file: PathBuf,
}

/// Copies until the input ends. A line goes out as soon as it is whole: nobody waits for a log, and a token is never split.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Faults> {
    // Without a token there is still the shape of one.
    let token = Token::find(&arguments.token_file).ok();
    let (mut input, mut output) = (io::stdin().lock(), io::stdout().lock());
    copy(&mut input, &mut output, token.as_ref().map(Token::as_str))
        .map_err(|error| Fault::new(format!("cannot copy the log: {error}")).into())
}

fn copy(input: &mut impl BufRead, output: &mut impl Write, token: Option<&str>) -> io::Result<()> {
    let mut line = Vec::new();
    while input.read_until(b'\n', &mut line)? > 0 {
        output.write_all(&redacted(&line, token.map(str::as_bytes)))?;
        output.flush()?;
        line.clear();
    }
    Ok(())
}

fn redacted(line: &[u8], token: Option<&[u8]>) -> Vec<u8> {
    let mut clean = Vec::with_capacity(line.len());
    let mut rest = line;
    while let Some(&first) = rest.first() {
        let hidden = token.filter(|token| rest.starts_with(token)).map_or(0, <[u8]>::len);
        let behind_bot = if rest.starts_with(b"bot") { token_in_address(&rest[3..]) } else { 0 };
        if behind_bot > 0 {
            clean.extend_from_slice(b"bot");
            clean.extend_from_slice(REDACTED);
            rest = &rest[3 + behind_bot..];
        } else if hidden > 0 {
            clean.extend_from_slice(REDACTED);
            rest = &rest[hidden..];
        } else {
            clean.push(first);
            rest = &rest[1..];
        }
    }
    clean
}

/// How long the token is that stands behind `bot`; 0 where there is none. A colon may be written `%3A` in an address.
fn token_in_address(text: &[u8]) -> usize {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let colon = match &text[digits..] {
        [b':', ..] => 1,
        [b'%', b'3', b'A' | b'a', ..] => 3,
        _ => return 0,
    };
    let secret = text[digits + colon..].iter().take_while(|byte| is_secret_byte(**byte)).count();
    if digits > 0 && secret > 0 { digits + colon + secret } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "123456789:AAExample-of_what_a_token_looks_like";

    fn check(token: Option<&str>, line: &str, expected: &str) {
        let mut output = Vec::new();
        copy(&mut line.as_bytes(), &mut output, token).unwrap();
        assert_eq!(String::from_utf8(output).unwrap(), expected);
    }

    #[test]
    fn tokens_in_addresses_are_replaced_whosever_they_are() {
        check(
            None,
            "Post \"https://api.telegram.org/bot12:ab-C_1/sendMessage\": eof\n",
            "Post \"https://api.telegram.org/bot[redacted]/sendMessage\": eof\n",
        );
        check(None, "/bot12%3Aab/ /bot3:c", "/bot[redacted]/ /bot[redacted]");
    }

    #[test]
    fn the_known_token_is_replaced_wherever_it_stands() {
        check(
            Some(TOKEN),
            &format!("a{TOKEN}b {TOKEN}\nbot{TOKEN}/\n"),
            "a[redacted]b [redacted]\nbot[redacted]/\n",
        );
    }

    #[test]
    fn everything_else_stays_as_it_is() {
        for line in [
            "",
            "\n",
            "robot: 1\n",
            "bot12: x\n",
            "bot:ab\n",
            "reboot1:\n",
            "no end of line",
            "12:30:05 🙂\n\n",
        ] {
            check(Some(TOKEN), line, line);
        }
    }

    #[test]
    fn bytes_that_are_no_text_pass() {
        let mut output = Vec::new();
        copy(&mut &b"\xff bot1:a \xfe\n"[..], &mut output, None).unwrap();
        assert_eq!(output, b"\xff bot[redacted] \xfe\n");
    }
}
