//! The arguments of the attributes, as they were written.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Expr, Ident, LitInt, LitStr, Path, Token};

use crate::diagnostic::{Diagnostics, closest};
use crate::duration;
use crate::field::{Field, Rendering};

const TIMED: &[&str] = &[
    "name",
    "component",
    "slow",
    "fields",
    "labels",
    "max_series",
    "buckets",
    "in_flight",
    "sample",
    "err",
    "classify",
    "crate",
    "skip",
];
const REQUEST_SCOPED: &[&str] = &["id", "new", "fields", "crate"];
const RESERVED_LABELS: &[&str] =
    &["function", "module", "component", "outcome", "le", "quantile", "job", "instance"];
const MAX_BUCKETS: usize = 64;
const LEVELS: &[&str] = &["trace", "debug", "info", "warn", "error"];

const SLOW: &str =
    "is no threshold: write a duration such as `\"250ms\"`, `\"0\"` for every call, or `\"never\"`";

#[derive(Default)]
pub(crate) struct TimedArgs {
    pub(crate) name: Option<LitStr>,
    pub(crate) component: Option<LitStr>,
    pub(crate) slow: Option<Slow>,
    pub(crate) fields: Option<Vec<Field>>,
    pub(crate) labels: Option<Vec<Field>>,
    pub(crate) max_series: Option<usize>,
    /// Upper bounds in nanoseconds, in their order.
    pub(crate) buckets: Option<Vec<u64>>,
    pub(crate) in_flight: Option<()>,
    pub(crate) sample: Option<u32>,
    pub(crate) err: Option<Err>,
    pub(crate) classify: Option<Path>,
    pub(crate) skip: Option<()>,
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
                "labels" => set_once(&mut args.labels, labels(input, diagnostics)?),
                "max_series" => {
                    set_once(&mut args.max_series, number(input, "at least 1 and at most 10000", 1..=10_000)?)
                }
                "buckets" => set_once(&mut args.buckets, buckets(input)?),
                "in_flight" => set_once(&mut args.in_flight, ()),
                "sample" => set_once(&mut args.sample, number(input, "at least 1", 1..=u32::MAX)?),
                "err" => set_once(&mut args.err, err(name.span(), input)?),
                "classify" => set_once(&mut args.classify, value(input)?),
                "skip" => set_once(&mut args.skip, ()),
                _ => set_once(&mut args.root, crate_path(input)?),
            };
            Ok(twice)
        });
        args
    }
}

/// An argument as it was written, for those who hand it on.
pub(crate) struct Argument {
    pub(crate) name: String,
    pub(crate) span: Span,
    pub(crate) tokens: TokenStream,
}

impl Argument {
    /// Splits at the commas that stand in no parentheses.
    pub(crate) fn split(tokens: TokenStream) -> Vec<Self> {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let is_comma = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',');
        let written = tokens.split(is_comma).filter_map(|argument| {
            let (name, span) = argument.first().map(|first| (first.to_string(), first.span()))?;
            Some(Self { name, span, tokens: argument.iter().cloned().collect() })
        });
        written.collect()
    }

    /// What stands behind the `=`.
    pub(crate) fn value(&self) -> TokenStream {
        self.tokens.clone().into_iter().skip(2).collect()
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

/// Run-time labels; a name must be one that Prometheus takes and that is not ours already.
fn labels(input: ParseStream<'_>, diagnostics: &mut Diagnostics) -> syn::Result<Vec<Field>> {
    let labels = Field::read_all(input, diagnostics)?;
    for label in &labels {
        let name = label.name.to_string();
        if RESERVED_LABELS.contains(&name.as_str()) {
            diagnostics.at(
                &label.name,
                format_args!("the label `{name}` is taken by tachograph: choose another name"),
            );
        } else if name.starts_with("__") || !name.is_ascii() || name.starts_with("r#") {
            let message =
                "a label is made of ASCII letters, digits and `_`, and does not begin with `__`: rename it";
            diagnostics.at(&label.name, message);
        }
        if !matches!(label.rendering, Rendering::Typed) {
            diagnostics.at(&label.name, "a label is always its value's `Display`: remove the `%` or `?`");
        }
    }
    Ok(labels)
}

/// `["5ms", "50ms", "1s"]`.
fn buckets(input: ParseStream<'_>) -> syn::Result<Vec<u64>> {
    input.parse::<Token![=]>()?;
    let content;
    let bracket = syn::bracketed!(content in input);
    let bounds = Punctuated::<LitStr, Token![,]>::parse_terminated(&content);
    // What is left of a mistake would be a second one to syn.
    content.parse::<TokenStream>()?;
    let mut nanos = Vec::new();
    for bound in bounds? {
        let text = bound.value();
        let Some(bound_nanos) = duration::parse(&text).filter(|nanos| *nanos > 0) else {
            let message = format!("`{text}` is no bound: write a duration such as `\"50ms\"`");
            return Err(syn::Error::new(bound.span(), message));
        };
        if nanos.last().is_some_and(|last| *last >= bound_nanos) {
            return Err(syn::Error::new(bound.span(), "the bounds must rise: sort them, each once"));
        }
        nanos.push(bound_nanos);
    }
    match nanos.len() {
        0 => Err(syn::Error::new(bracket.span.join(), "no bounds: write some, or remove `buckets`")),
        1..=MAX_BUCKETS => Ok(nanos),
        _ => Err(syn::Error::new(
            bracket.span.join(),
            format_args!("more than {MAX_BUCKETS} bounds cost more than they tell: remove some"),
        )),
    }
}

fn number<T>(input: ParseStream<'_>, accepted: &str, range: std::ops::RangeInclusive<T>) -> syn::Result<T>
where
    T: std::str::FromStr<Err: std::fmt::Display> + PartialOrd,
{
    let literal: LitInt = value(input)?;
    match literal.base10_parse::<T>() {
        Ok(number) if range.contains(&number) => Ok(number),
        _ => Err(syn::Error::new(
            literal.span(),
            format_args!("`{literal}` is out of range: write a number of {accepted}"),
        )),
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
