//! The pure part: source text in, the same text with `#[::tachograph::timed]` on every function out.
//!
//! Text is only inserted, never printed anew, and no line is added: what rustc says of line 40 is about line 40 of the
//! published file.

use std::collections::BTreeSet;

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::{AttrStyle, Attribute, File, ForeignItemFn, ImplItemFn, ItemFn, Macro, Signature, TraitItemFn};

const ATTRIBUTE: &str = "#[::tachograph::timed] ";
const EXTERN_CRATE: &str = "extern crate tachograph; ";

/// Where the attribute stands among a function's other attributes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// Above them: it is expanded first.
    First,
    /// Below them, next to the function: it sees what other attributes made of it.
    #[default]
    Last,
}

/// A function and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// The lines from its first token to its last, counted from 1.
    pub lines: (usize, usize),
    /// Nothing where it carries the attribute.
    pub left_out: Option<LeftOut>,
}

/// Why a function does not carry the attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LeftOut {
    /// A `const fn`, which may run where there is no clock.
    Const,
    /// A function of an `extern` block or a required method of a trait.
    NoBody,
    /// The tokens `fn name` in a macro or in what is given to one.
    InMacro,
    /// It was asked for.
    Asked,
}

/// What [`annotate`] gives.
#[derive(Debug)]
pub struct Annotated {
    /// The text with the attribute.
    pub text: String,
    /// All functions, in the order of the text.
    pub functions: Vec<Function>,
}

/// Annotates the functions of one file.
///
/// `without` names functions to leave out, by name and line. `root` is for the first file of a target of edition 2015,
/// which must say `extern crate`.
///
/// # Errors
///
/// Where the text is not a Rust file.
pub fn annotate(
    text: &str,
    place: Place,
    root: bool,
    without: &BTreeSet<(String, usize)>,
) -> Result<Annotated, String> {
    let skipped = before_code(text);
    let file = parse(&text[skipped..])?;
    let mut found = Found { place, without, functions: Vec::new(), at: Vec::new() };
    if root && let Some(item) = file.items.first() {
        found.at.push((start(item.to_token_stream())?.start, EXTERN_CRATE));
    }
    found.visit_file(&file);
    let Found { functions, mut at, .. } = found;
    at.sort_unstable();
    let (mut output, mut copied) = (text[..skipped].to_owned(), skipped);
    for (offset, inserted) in at {
        output.push_str(&text[copied..offset + skipped]);
        output.push_str(inserted);
        copied = offset + skipped;
    }
    output.push_str(&text[copied..]);
    Ok(Annotated { text: output, functions })
}

/// The length of a byte order mark and of a `#!` line, which are no tokens.
fn before_code(text: &str) -> usize {
    let mark = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let code = &text[mark..];
    let is_script = code.starts_with("#!") && !code[2..].trim_start().starts_with('[');
    mark + if is_script { code.find('\n').unwrap_or(code.len()) } else { 0 }
}

fn parse(code: &str) -> Result<File, String> {
    let tokens: TokenStream = code.parse().map_err(|error| format!("{error}"))?;
    syn::parse2(tokens).map_err(|error| format!("line {}: {error}", error.span().start().line))
}

fn start(tokens: TokenStream) -> Result<std::ops::Range<usize>, String> {
    let first = tokens.into_iter().next().ok_or("an item without tokens")?;
    Ok(first.span().byte_range())
}

struct Found<'a> {
    place: Place,
    without: &'a BTreeSet<(String, usize)>,
    functions: Vec<Function>,
    /// Offsets in the code, and what is inserted there.
    at: Vec<(usize, &'static str)>,
}

impl Found<'_> {
    fn function(
        &mut self,
        attributes: &[Attribute],
        signature: &Signature,
        has_body: bool,
        item: TokenStream,
    ) {
        let tokens: Vec<TokenTree> = item.into_iter().collect();
        let outer = attributes.iter().filter(|attribute| matches!(attribute.style, AttrStyle::Outer)).count();
        // `#` and its brackets, also where they were written as a doc comment.
        let skipped = match self.place {
            Place::First => 0,
            Place::Last => 2 * outer,
        };
        let (Some(first), Some(last)) = (tokens.get(skipped), tokens.last()) else { return };
        let lines = (tokens[0].span().start().line, last.span().end().line);
        let name = signature.ident.to_string();
        let left_out = if !has_body {
            Some(LeftOut::NoBody)
        } else if signature.constness.is_some() {
            Some(LeftOut::Const)
        } else if self.without.contains(&(name.clone(), lines.0)) {
            Some(LeftOut::Asked)
        } else {
            self.at.push((first.span().byte_range().start, ATTRIBUTE));
            None
        };
        self.functions.push(Function { name, lines, left_out });
    }

    /// Counts the tokens `fn name`; what a macro makes of them is its own matter.
    fn count(&mut self, tokens: TokenStream) {
        let mut after_fn = false;
        for token in tokens {
            let is_name = match &token {
                TokenTree::Ident(_) => true,
                // `fn $name` in a macro.
                TokenTree::Punct(punct) => punct.as_char() == '$',
                _ => false,
            };
            if after_fn && is_name {
                let (first, last) = (token.span().start().line, token.span().end().line);
                let left_out = Some(LeftOut::InMacro);
                self.functions.push(Function { name: token.to_string(), lines: (first, last), left_out });
            }
            after_fn = matches!(&token, TokenTree::Ident(word) if word == "fn");
            if let TokenTree::Group(group) = token {
                self.count(group.stream());
            }
        }
    }
}

impl<'ast> Visit<'ast> for Found<'_> {
    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        self.function(&item.attrs, &item.sig, true, item.to_token_stream());
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        self.function(&item.attrs, &item.sig, true, item.to_token_stream());
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast TraitItemFn) {
        self.function(&item.attrs, &item.sig, item.default.is_some(), item.to_token_stream());
        visit::visit_trait_item_fn(self, item);
    }

    fn visit_foreign_item_fn(&mut self, item: &'ast ForeignItemFn) {
        self.function(&item.attrs, &item.sig, false, item.to_token_stream());
    }

    fn visit_macro(&mut self, item: &'ast Macro) {
        self.count(item.tokens.clone());
    }

    /// What this syn cannot read is left as it is, like a macro.
    fn visit_token_stream(&mut self, tokens: &'ast TokenStream) {
        self.count(tokens.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn last(text: &str) -> String {
        annotate(text, Place::Last, false, &BTreeSet::new()).unwrap().text
    }

    fn left_out(text: &str) -> Vec<(String, LeftOut)> {
        let annotated = annotate(text, Place::Last, false, &BTreeSet::new()).unwrap();
        assert_eq!(annotated.text.matches(ATTRIBUTE).count(), annotated.functions.len() - 1);
        annotated.functions.into_iter().filter_map(|each| Some((each.name, each.left_out?))).collect()
    }

    #[test]
    fn every_kind_of_function_with_a_body_is_annotated_where_it_stands() {
        for (before, after) in [
            ("fn a() {}", "@fn a() {}"),
            ("pub(crate) async unsafe fn a() {}", "@pub(crate) async unsafe fn a() {}"),
            ("pub unsafe extern \"C\" fn a() {}", "@pub unsafe extern \"C\" fn a() {}"),
            ("impl A { pub fn a(&self) {} }", "impl A { @pub fn a(&self) {} }"),
            ("impl B for A { fn a() {} fn b() {} }", "impl B for A { @fn a() {} @fn b() {} }"),
            ("trait B { fn a() {} }", "trait B { @fn a() {} }"),
            ("mod m { fn a() {} }", "mod m { @fn a() {} }"),
            ("fn a() { fn b() {} b() }", "@fn a() { @fn b() {} b() }"),
            ("fn a() { let c = || { fn b() {} }; }", "@fn a() { let c = || { @fn b() {} }; }"),
            (
                "const A: () = { impl B for C { fn a() {} } };",
                "const A: () = { impl B for C { @fn a() {} } };",
            ),
        ] {
            assert_eq!(last(before), after.replace('@', ATTRIBUTE));
        }
    }

    #[test]
    fn the_attribute_stands_above_or_below_the_others() {
        let text = "/// Says.\n#[test]\n#[cfg(unix)] pub fn a() {\n  #![allow(unused)]\n}";
        assert_eq!(last(text), text.replace("pub", &format!("{ATTRIBUTE}pub")));
        let first = annotate(text, Place::First, false, &BTreeSet::new()).unwrap().text;
        assert_eq!(first, format!("{ATTRIBUTE}{text}"));
    }

    #[test]
    fn what_cannot_be_measured_is_counted_with_the_reason() {
        let cases = [
            ("const fn a() {} fn x() {}", LeftOut::Const),
            ("trait B { fn a(); } fn x() {}", LeftOut::NoBody),
            ("extern \"C\" { fn a(); } fn x() {}", LeftOut::NoBody),
            ("m! { fn a() {} } fn x() {}", LeftOut::InMacro),
            ("macro_rules! m { () => { fn a() {} } } fn x() {}", LeftOut::InMacro),
            ("fn x() { m!({ fn a() {} }) }", LeftOut::InMacro),
        ];
        for (text, why) in cases {
            assert_eq!(left_out(text), [("a".to_owned(), why)], "{text}");
        }
    }

    #[test]
    fn a_function_type_is_no_function() {
        assert_eq!(left_out("m!(fn(u8) -> u8); type A = fn(u8); fn x(f: fn()) {} const fn a() {}").len(), 1);
    }

    #[test]
    fn lines_and_every_byte_between_stay() {
        let text = "\u{feff}#!/bin/x\r\n//! Ünï\r\n\r\n/* ö */ fn a() {\r\n  \"é\"; fn b() {} }\r\n// 終\r\n";
        let annotated = last(text);
        assert_eq!(annotated.replace(ATTRIBUTE, ""), text);
        assert!(annotated.contains(&format!("/* ö */ {ATTRIBUTE}fn a()")), "{annotated}");
        assert!(annotated.contains(&format!("; {ATTRIBUTE}fn b()")), "{annotated}");
    }

    #[test]
    fn a_root_of_edition_2015_names_the_crate_behind_its_inner_attributes() {
        let text = "#![no_std]\n//! Docs.\n/// On it.\nmod a;\nfn b() {}";
        let annotated = annotate(text, Place::Last, true, &BTreeSet::new()).unwrap().text;
        let expected = text.replace("/// On", &format!("{EXTERN_CRATE}/// On"));
        assert_eq!(annotated, expected.replace("fn b", &format!("{ATTRIBUTE}fn b")));
    }

    #[test]
    fn functions_can_be_left_out_by_name_and_line() {
        let without = BTreeSet::from([("a".to_owned(), 2)]);
        let annotated = annotate("fn a() {}\nfn a() {}", Place::Last, false, &without).unwrap();
        assert_eq!(annotated.text, format!("{ATTRIBUTE}fn a() {{}}\nfn a() {{}}"));
        assert_eq!(annotated.functions[1].left_out, Some(LeftOut::Asked));
    }

    #[test]
    fn a_text_that_is_no_file_is_an_error_with_its_line() {
        let message = annotate("fn a() {}\nfn fn", Place::Last, false, &BTreeSet::new()).unwrap_err();
        assert!(message.starts_with("line 2: "), "{message}");
    }
}
