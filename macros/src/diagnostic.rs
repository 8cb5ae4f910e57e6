//! Mistakes are collected, and shown all at once, each on its token.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;

#[derive(Default)]
pub(crate) struct Diagnostics(Option<syn::Error>);

impl Diagnostics {
    pub(crate) fn push(&mut self, error: syn::Error) {
        match &mut self.0 {
            Some(first) => first.combine(error),
            None => self.0 = Some(error),
        }
    }

    pub(crate) fn at(&mut self, tokens: impl ToTokens, message: impl std::fmt::Display) {
        self.push(syn::Error::new_spanned(tokens, message));
    }

    pub(crate) fn at_span(&mut self, span: Span, message: impl std::fmt::Display) {
        self.push(syn::Error::new(span, message));
    }

    pub(crate) fn into_result(self) -> syn::Result<()> {
        self.0.map_or(Ok(()), Err)
    }

    pub(crate) fn into_compile_errors(self) -> Option<TokenStream> {
        self.0.map(syn::Error::into_compile_error)
    }
}

/// The one of `known` that the author of `unknown` most likely meant.
pub(crate) fn closest<'a>(unknown: &str, known: &[&'a str]) -> Option<&'a str> {
    let distances = known.iter().map(|name| (distance(unknown, name), *name));
    let (distance, name) = distances.min()?;
    (distance <= 1 + unknown.len() / 3).then_some(name)
}

/// How many characters must be inserted, removed or replaced (Levenshtein, by Wagner and Fischer's rows).
fn distance(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.chars().count()).collect();
    for (i, a) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in to.chars().enumerate() {
            let replaced = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 4] = ["component", "name", "slow", "fields"];

    #[test]
    fn a_typing_mistake_is_understood() {
        assert_eq!(closest("componnent", &KNOWN), Some("component"));
        assert_eq!(closest("field", &KNOWN), Some("fields"));
        assert_eq!(closest("nmae", &KNOWN), Some("name"));
    }

    #[test]
    fn what_resembles_nothing_is_not_guessed() {
        assert_eq!(closest("threshold", &KNOWN), None);
    }
}
