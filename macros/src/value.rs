//! The values of arguments, checked as far as tokens tell.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::{Ident, LitInt, LitStr, Path, Token};

use crate::args::{Err, Slow};
use crate::argument::{as_in_the_example, value};
use crate::diagnostic::Diagnostics;
use crate::duration;
use crate::field::{Field, Rendering};

const RESERVED_LABELS: &[&str] =
    &["function", "module", "component", "outcome", "le", "quantile", "job", "instance"];
const MAX_BUCKETS: usize = 64;
const LEVELS: &[&str] = &["trace", "debug", "info", "warn", "error"];

const SLOW: &str =
    "is no threshold: write a duration such as `\"250ms\"`, `\"0\"` for every call, or `\"never\"`";

/// A static label value.
pub(crate) fn label(name: &Ident, input: ParseStream<'_>) -> syn::Result<LitStr> {
    let text: LitStr = value(name, input)?;
    checked_label(&text)?;
    Ok(text)
}

pub(crate) fn checked_label(text: &LitStr) -> syn::Result<()> {
    let message = match text.value() {
        value if value.is_empty() => "an empty label counts as a missing one: write a name",
        value if value.chars().any(char::is_control) => {
            "a label with control characters cannot be read: remove them"
        }
        _ => return Ok(()),
    };
    Err(syn::Error::new(text.span(), message))
}

pub(crate) fn slow(name: &Ident, input: ParseStream<'_>) -> syn::Result<Slow> {
    let text: LitStr = value(name, input)?;
    match text.value().as_str() {
        "never" => Ok(Slow::Never),
        other => duration::parse(other)
            .map(Slow::AtLeast)
            .ok_or_else(|| syn::Error::new(text.span(), format_args!("`{other}` {SLOW}"))),
    }
}

/// Run-time labels; a name must be one that Prometheus takes and that is not ours already.
pub(crate) fn labels(
    name: &Ident,
    input: ParseStream<'_>,
    diagnostics: &mut Diagnostics,
) -> syn::Result<Vec<Field>> {
    let labels = Field::read_all(name, input, diagnostics)?;
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
pub(crate) fn buckets(name: &Ident, input: ParseStream<'_>) -> syn::Result<Vec<u64>> {
    input.parse::<Token![=]>()?;
    let place = input.span();
    if !input.peek(syn::token::Bracket) {
        return Err(as_in_the_example(name, place));
    }
    let content;
    let bracket = syn::bracketed!(content in input);
    let bounds = Punctuated::<LitStr, Token![,]>::parse_terminated(&content);
    // What is left of a mistake would be a second one to syn.
    content.parse::<TokenStream>()?;
    let mut nanos = Vec::new();
    for bound in bounds.map_err(|error| as_in_the_example(name, error.span()))? {
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

pub(crate) fn number<T>(
    name: &Ident,
    input: ParseStream<'_>,
    accepted: &str,
    range: std::ops::RangeInclusive<T>,
) -> syn::Result<T>
where
    T: std::str::FromStr<Err: std::fmt::Display> + PartialOrd,
{
    let literal: LitInt = value(name, input)?;
    match literal.base10_parse::<T>() {
        Ok(number) if range.contains(&number) => Ok(number),
        _ => Err(syn::Error::new(
            literal.span(),
            format_args!("`{literal}` is out of range: write a number of {accepted}"),
        )),
    }
}

pub(crate) fn err(name: &Ident, input: ParseStream<'_>) -> syn::Result<Err> {
    if !input.peek(syn::token::Paren) {
        return Ok(Err { level: Ident::new("Error", Span::mixed_site()), span: name.span() });
    }
    let content;
    syn::parenthesized!(content in input);
    let level = err_level(name, &content);
    // What is left of a mistake would be a second one to syn.
    content.parse::<TokenStream>()?;
    Ok(Err { level: level?, span: name.span() })
}

/// `level = "warn"`, as the runtime's enum spells it.
fn err_level(err: &Ident, content: ParseStream<'_>) -> syn::Result<Ident> {
    let name: Ident = content.parse().map_err(|_| as_in_the_example(err, err.span()))?;
    if name != "level" {
        return Err(syn::Error::new(
            name.span(),
            format_args!("unknown argument `{name}`: did you mean `level`?"),
        ));
    }
    content.parse::<Token![=]>().map_err(|_| as_in_the_example(err, name.span()))?;
    let place = content.span();
    let text: LitStr = content.parse().map_err(|_| as_in_the_example(err, place))?;
    content.parse::<Option<Token![,]>>()?;
    if !content.is_empty() {
        return Err(content.error("`err` has one argument, `level`: remove the rest"));
    }
    let level = text.value();
    if !LEVELS.contains(&level.as_str()) {
        let message = format!("`{level}` is no level: the levels are `{}`", LEVELS.join("`, `"));
        return Err(syn::Error::new(text.span(), message));
    }
    let (first, rest) = level.split_at(1);
    Ok(Ident::new(&format!("{}{rest}", first.to_uppercase()), Span::mixed_site()))
}

pub(crate) fn crate_path(name: &Ident, input: ParseStream<'_>) -> syn::Result<TokenStream> {
    input.parse::<Token![=]>()?;
    let place = input.span();
    let path = input.call(Path::parse_mod_style).map_err(|_| as_in_the_example(name, place))?;
    Ok(path.into_token_stream())
}
