//! The bearer token that a scrape must bring, where one is set.

use std::hint::black_box;

use crate::sensitive::Sensitive;

/// A secret that no text shows.
#[derive(Clone, Debug)]
pub(crate) struct Token(Sensitive<Box<[u8]>>);

impl Token {
    /// A token of visible ASCII characters: what else there is cannot stand in a header, or is a mistake there.
    pub(crate) fn new(text: &str) -> Option<Self> {
        let is_fit = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        is_fit.then(|| Self(Sensitive::new(text.as_bytes().into())))
    }

    /// Whether a header `Authorization` brings it. How long that takes tells nothing of it.
    pub(super) fn is_in(&self, authorization: &[u8]) -> bool {
        const SCHEME: &[u8] = b"bearer ";
        match authorization.split_at_checked(SCHEME.len()) {
            Some((scheme, given)) if scheme.eq_ignore_ascii_case(SCHEME) => self.is(given.trim_ascii()),
            _ => false,
        }
    }

    fn is(&self, given: &[u8]) -> bool {
        let token = self.0.expose();
        let mut differences = u8::from(token.len() != given.len());
        for (given, own) in given.iter().zip(token.iter().cycle()) {
            differences = black_box(differences | (given ^ own));
        }
        differences == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_alone_opens() {
        let token = Token::new("s3cret/+=").expect("a token");
        for right in ["Bearer s3cret/+=", "bearer s3cret/+=", "BEARER  s3cret/+= "] {
            assert!(token.is_in(right.as_bytes()), "{right}");
        }
        for wrong in [
            "",
            "Bearer",
            "Bearer ",
            "Bearer s3cret/+",
            "Bearer s3cret/+==",
            "Bearer S3cret/+=",
            "s3cret/+=",
            "Basic s3cret/+=",
            "Bearer s3cret/+=s3cret/+=",
            "Bearers3cret/+=",
        ] {
            assert!(!token.is_in(wrong.as_bytes()), "{wrong}");
        }
    }

    #[test]
    fn what_cannot_stand_in_a_header_is_no_token() {
        for text in ["", " ", "a b", "a\n", "a\tb", "a\0", "ä", "\u{7f}"] {
            assert!(Token::new(text).is_none(), "{text:?}");
        }
    }

    #[test]
    fn no_text_shows_it() {
        assert!(!format!("{:?}", Token::new("s3cret")).contains("s3cret"));
    }
}
