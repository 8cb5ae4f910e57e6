//! The words of an expression, and where they stand.

use std::ops::Range;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A name, or one of the words of the language.
    Word,
    Number,
    /// Such as `5m`.
    Duration,
    /// With its quotes.
    Text,
    /// Anything else: operators, brackets, commas.
    Sign,
}

/// A token of an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    /// The bytes of the expression that it is.
    pub(crate) at: Range<usize>,
    /// How many brackets of any kind are open around it; a bracket is outside of itself.
    pub(crate) depth: usize,
    /// Whether the innermost of them is `{`.
    pub(crate) is_in_braces: bool,
}

impl Token {
    pub(crate) fn of<'a>(&self, expression: &'a str) -> &'a str {
        &expression[self.at.clone()]
    }
}

/// Splits an expression. What is no PromQL gives tokens as well: whether it is, the parser says.
pub(crate) fn tokens(expression: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut open = Vec::new();
    let mut position = 0;
    while let Some(first) = expression[position..].chars().next() {
        let rest = &expression[position..];
        if first.is_whitespace() {
            position += first.len_utf8();
            continue;
        }
        if first == '#' {
            position += rest.find('\n').unwrap_or(rest.len());
            continue;
        }
        let (kind, length) = next(rest, first, open.last() == Some(&'['));
        if matches!(first, ')' | ']' | '}') {
            open.pop();
        }
        let is_in_braces = open.last() == Some(&'{');
        tokens.push(Token { kind, at: position..position + length, depth: open.len(), is_in_braces });
        if matches!(first, '(' | '[' | '{') {
            open.push(first);
        }
        position += length;
    }
    tokens
}

fn next(rest: &str, first: char, is_in_range: bool) -> (Kind, usize) {
    match first {
        '"' | '\'' | '`' => (Kind::Text, quoted(rest, first)),
        '0'..='9' | '.' => number(rest),
        'a'..='z' | 'A'..='Z' | '_' => (Kind::Word, word(rest, is_in_range)),
        _ => {
            let is_double = ["==", "!=", ">=", "<=", "=~", "!~"].iter().any(|sign| rest.starts_with(sign));
            (Kind::Sign, if is_double { 2 } else { first.len_utf8() })
        }
    }
}

fn quoted(rest: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, character) in rest.char_indices().skip(1) {
        if character == quote && !is_escaped {
            return at + 1;
        }
        is_escaped = character == '\\' && !is_escaped && quote != '`';
    }
    rest.len()
}

fn word(rest: &str, is_in_range: bool) -> usize {
    let belongs = |it: char| it.is_ascii_alphanumeric() || it == '_' || (it == ':' && !is_in_range);
    rest.find(|it| !belongs(it)).unwrap_or(rest.len())
}

fn number(rest: &str) -> (Kind, usize) {
    if rest.starts_with("0x") || rest.starts_with("0X") {
        let digits = rest[2..].find(|it: char| !it.is_ascii_hexdigit()).map_or(rest.len(), |at| at + 2);
        return (Kind::Number, digits);
    }
    let digits = rest.find(|it: char| !it.is_ascii_digit() && it != '.').unwrap_or(rest.len());
    let behind = &rest[digits..];
    if behind.starts_with(['e', 'E']) {
        let sign = usize::from(behind[1..].starts_with(['+', '-']));
        let exponent = &behind[1 + sign..];
        let length = exponent.find(|it: char| !it.is_ascii_digit()).unwrap_or(exponent.len());
        return (Kind::Number, digits + 1 + sign + length);
    }
    if behind.starts_with(['s', 'm', 'h', 'd', 'w', 'y']) {
        return (Kind::Duration, rest.find(|it: char| !it.is_ascii_alphanumeric()).unwrap_or(rest.len()));
    }
    (Kind::Number, digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(expression: &str) -> Vec<&str> {
        tokens(expression).iter().map(|token| token.of(expression)).collect()
    }

    #[test]
    fn an_expression_is_split_into_its_words() {
        assert_eq!(
            split(r#"sum by(a) (rate(x:y_total{b=~"c\"d", e!='f'}[1h30m])) >= 1.5e-3 # end"#),
            [
                "sum",
                "by",
                "(",
                "a",
                ")",
                "(",
                "rate",
                "(",
                "x:y_total",
                "{",
                "b",
                "=~",
                r#""c\"d""#,
                ",",
                "e",
                "!=",
                "'f'",
                "}",
                "[",
                "1h30m",
                "]",
                ")",
                ")",
                ">=",
                "1.5e-3"
            ]
        );
        assert_eq!(
            split("a[1h:5m] offset 1d-0x1f"),
            ["a", "[", "1h", ":", "5m", "]", "offset", "1d", "-", "0x1f"]
        );
    }

    #[test]
    fn a_token_knows_its_brackets() {
        let expression = r#"a{b="c"} > (d)"#;
        let depths: Vec<_> =
            tokens(expression).iter().map(|token| (token.depth, token.is_in_braces)).collect();
        let (outside, inside) = ((0, false), (1, true));
        assert_eq!(
            depths,
            [outside, outside, inside, inside, inside, outside, outside, outside, (1, false), outside]
        );
    }
}
