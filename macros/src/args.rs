//! The arguments of the attributes, as they were written.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Expr, Ident, LitStr, Path, Token};

use crate::diagnostic::{Diagnostics, closest};
use crate::duration;
use crate::field::Field;

const TIMED: &[&str] = &["name", "component", "slow", "fields", "err", "crate"];
const REQUEST_SCOPED: &[&str] = &["id", "new", "fields", "crate"];
const LEVELS: &[&str] = &["trace", "debug", "info", "warn", "error"];

const SLOW: &str =
    "is no threshold: write a duration such as `\"250ms\"`, `\"0\"` for every call, or `\"never\"`";

#[derive(Default)]
pub(crate) struct TimedArgs {
    pub(crate) name: Option<LitStr>,
    pub(crate) component: Option<LitStr>,
    pub(crate) slow: Option<Slow>,
    pub(crate) fields: Option<Vec<Field>>,
    pub(crate) err: Option<Err>,
    pub(crate) root: Option<TokenStream>,
}

#[derive(Clone, Copy)]
pub(crate) enum Slow {
    AtLeast(u64),
    Never,
}

/// `err` or `err(level = "warn")`: the level, as the runtime's enum spells it.
pub(crate) struct Err {
    pub(crate) level: Ident,
    pub(crate) span: Span,
}

#[derive(Default)]
pub(crate) struct RequestScopedArgs {
    pub(crate) id: Option<Expr>,
    pub(crate) new: Option<()>,
    pub(crate) fields: Option<Vec<Field>>,
    pub(crate) root: Option<TokenStream>,
}

impl TimedArgs {
    pub(crate) fn read(tokens: TokenStream, diagnostics: &mut Diagnostics) -> Self {
        let mut args = Self::default();
        each_argument(tokens, TIMED, diagnostics, |name, input, diagnostics| {
            let twice = match name.to_string().as_str() {
                "name" => set_once(&mut args.name, label(input)?),
                "component" => set_once(&mut args.component, label(input)?),
                "slow" => set_once(&mut args.slow, slow(input)?),
                "fields" => set_once(&mut args.fields, Field::read_all(input, diagnostics)?),
                "err" => set_once(&mut args.err, err(name.span(), input)?),
                _ => set_once(&mut args.root, crate_path(input)?),
            };
            Ok(twice)
        });
        args
    }
}

impl RequestScopedArgs {
    pub(crate) fn read(tokens: TokenStream, diagnostics: &mut Diagnostics) -> Self {
        let mut args = Self::default();
        let mut new_name = None;
        each_argument(tokens, REQUEST_SCOPED, diagnostics, |name, input, diagnostics| {
            let twice = match name.to_string().as_str() {
                "id" => set_once(&mut args.id, value(input)?),
                "new" => {
                    new_name = Some(name.clone());
                    set_once(&mut args.new, ())
                }
                "fields" => set_once(&mut args.fields, Field::read_all(input, diagnostics)?),
                _ => set_once(&mut args.root, crate_path(input)?),
            };
            Ok(twice)
        });
        if let (Some(_), Some(new)) = (&args.id, new_name) {
            diagnostics
                .at(new, "`new` always makes an id, so `id` would never be used: remove one of the two");
        }
        args
    }
}

/// `timed_block!("parse", component = "download", { … })`.
pub(crate) struct TimedBlockArgs {
    pub(crate) args: TimedArgs,
    pub(crate) block: TokenTree,
    pub(crate) span: Span,
}

impl TimedBlockArgs {
    pub(crate) fn read(input: ParseStream<'_>) -> syn::Result<Self> {
        let name: LitStr = input.parse().map_err(|error| {
            syn::Error::new(
                error.span(),
                "a timed block begins with its name: `timed_block!(\"parse\", { … })`",
            )
        })?;
        let span = name.span();
        input.parse::<Token![,]>()?;
        let mut rest = TokenStream::new();
        while !input.is_empty() && !input.peek(syn::token::Brace) {
            rest.extend([input.parse::<TokenTree>()?]);
        }
        let mut diagnostics = Diagnostics::default();
        let mut args = TimedArgs::read(rest, &mut diagnostics);
        if let Err(error) = checked_label(&name) {
            diagnostics.push(error);
        }
        if set_once(&mut args.name, name) {
            diagnostics.at_span(span, "the block's name is its first argument: remove `name = …`");
        }
        let block =
            input.parse().map_err(|error| syn::Error::new(error.span(), "the block to time is missing"))?;
        input.parse::<Option<Token![,]>>()?;
        diagnostics.into_result()?;
        Ok(Self { args, block, span })
    }
}

/// Reads `name …, name …`; a mistake in one argument costs none of the others.
fn each_argument(
    tokens: TokenStream,
    known: &[&str],
    diagnostics: &mut Diagnostics,
    mut read: impl FnMut(&Ident, ParseStream<'_>, &mut Diagnostics) -> syn::Result<bool>,
) {
    let all = |input: ParseStream<'_>| {
        while !input.is_empty() {
            if let Err(error) = argument(input, known, diagnostics, &mut read) {
                diagnostics.push(error);
                while !input.is_empty() && !input.peek(Token![,]) {
                    input.parse::<TokenTree>()?;
                }
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(())
    };
    if let Err(error) = all.parse2(tokens) {
        diagnostics.push(error);
    }
}

fn argument(
    input: ParseStream<'_>,
    known: &[&str],
    diagnostics: &mut Diagnostics,
    read: &mut impl FnMut(&Ident, ParseStream<'_>, &mut Diagnostics) -> syn::Result<bool>,
) -> syn::Result<()> {
    let listed = || format!("`{}`", known.join("`, `"));
    let Ok(name) = input.call(Ident::parse_any) else {
        return Err(input.error(format_args!("an argument begins with one of {}", listed())));
    };
    if !known.contains(&name.to_string().as_str()) {
        let message = match closest(&name.to_string(), known) {
            Some(close) => format!("unknown argument `{name}`: did you mean `{close}`?"),
            None => format!("unknown argument `{name}`: the arguments are {}", listed()),
        };
        return Err(syn::Error::new(name.span(), message));
    }
    if read(&name, input, diagnostics)? {
        return Err(syn::Error::new(name.span(), format_args!("`{name}` is given twice: remove one")));
    }
    if !input.is_empty() && !input.peek(Token![,]) {
        return Err(input.error(format_args!("expected a comma after `{name}`")));
    }
    Ok(())
}

/// Whether there was a value already; the first one stays.
fn set_once<T>(slot: &mut Option<T>, value: T) -> bool {
    let twice = slot.is_some();
    slot.get_or_insert(value);
    twice
}

fn value<T: Parse>(input: ParseStream<'_>) -> syn::Result<T> {
    input.parse::<Token![=]>()?;
    input.parse()
}

/// A static label value.
fn label(input: ParseStream<'_>) -> syn::Result<LitStr> {
    let text: LitStr = value(input)?;
    checked_label(&text)?;
    Ok(text)
}

fn checked_label(text: &LitStr) -> syn::Result<()> {
    let message = match text.value() {
        value if value.is_empty() => "an empty label counts as a missing one: write a name",
        value if value.chars().any(char::is_control) => {
            "a label with control characters cannot be read: remove them"
        }
        _ => return Ok(()),
    };
    Err(syn::Error::new(text.span(), message))
}

fn slow(input: ParseStream<'_>) -> syn::Result<Slow> {
    let text: LitStr = value(input)?;
    match text.value().as_str() {
        "never" => Ok(Slow::Never),
        other => duration::parse(other)
            .map(Slow::AtLeast)
            .ok_or_else(|| syn::Error::new(text.span(), format_args!("`{other}` {SLOW}"))),
    }
}

fn err(span: Span, input: ParseStream<'_>) -> syn::Result<Err> {
    if !input.peek(syn::token::Paren) {
        return Ok(Err { level: Ident::new("Error", Span::mixed_site()), span });
    }
    let content;
    syn::parenthesized!(content in input);
    let level = err_level(&content);
    // What is left of a mistake would be a second one to syn.
    content.parse::<TokenStream>()?;
    Ok(Err { level: level?, span })
}

/// `level = "warn"`, as the runtime's enum spells it.
fn err_level(content: ParseStream<'_>) -> syn::Result<Ident> {
    let name: Ident = content.parse()?;
    if name != "level" {
        return Err(syn::Error::new(
            name.span(),
            format_args!("unknown argument `{name}`: did you mean `level`?"),
        ));
    }
    let text: LitStr = value(content)?;
    let level = text.value();
    if !LEVELS.contains(&level.as_str()) {
        let message = format!("`{level}` is no level: the levels are `{}`", LEVELS.join("`, `"));
        return Err(syn::Error::new(text.span(), message));
    }
    let (first, rest) = level.split_at(1);
    Ok(Ident::new(&format!("{}{rest}", first.to_uppercase()), Span::mixed_site()))
}

fn crate_path(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    input.parse::<Token![=]>()?;
    input.call(Path::parse_mod_style).map(ToTokens::into_token_stream)
}
