//! One argument of an attribute: how it is written, and what is said when it is written otherwise.

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Ident, Token};

use crate::diagnostic::{Diagnostics, closest};

/// What may stand behind the name of an argument.
#[derive(Clone, Copy)]
enum Form {
    Nothing,
    Value,
    List,
    NothingOrList,
}

/// Each argument, how it is written, and an example to follow.
const FORMS: [(&str, Form, &str); 18] = [
    ("name", Form::Value, "`name = \"fetch\"`"),
    ("component", Form::Value, "`component = \"download\"`"),
    ("slow", Form::Value, "`slow = \"250ms\"`, `slow = \"0\"` or `slow = \"never\"`"),
    ("fields", Form::List, "`fields(user_id, %url, size = body.len())`"),
    ("labels", Form::List, "`labels(kind = expression)`"),
    ("max_series", Form::Value, "`max_series = 100`"),
    ("buckets", Form::Value, "`buckets = [\"5ms\", \"50ms\", \"1s\"]`"),
    ("in_flight", Form::Nothing, "`in_flight`"),
    ("sample", Form::Value, "`sample = 64`"),
    ("slo", Form::List, "`slo(latency = \"250ms\", objective = 99.9)`"),
    ("latency", Form::Value, "`latency = \"250ms\"`"),
    ("objective", Form::Value, "`objective = 99.9`"),
    ("err", Form::NothingOrList, "`err` or `err(level = \"warn\")`"),
    ("classify", Form::Value, "`classify = path::to::function`"),
    ("crate", Form::Value, "`crate = path::to::tachograph`"),
    ("skip", Form::Nothing, "`skip`"),
    ("id", Form::Value, "`id = expression`"),
    ("new", Form::Nothing, "`new`"),
];

/// Reads `name …, name …`; a mistake in one argument costs none of the others. `read` says whether the argument was
/// there already.
pub(crate) fn each_argument(
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
    check_form(&name, input)?;
    if read(&name, input, diagnostics)? {
        return Err(syn::Error::new(name.span(), format_args!("`{name}` is given twice: remove one")));
    }
    if !input.is_empty() && !input.peek(Token![,]) {
        return Err(input.error(format_args!("expected a comma after `{name}`")));
    }
    Ok(())
}

/// Looks whether what follows a name is of the form that the argument has.
fn check_form(name: &Ident, input: ParseStream<'_>) -> syn::Result<()> {
    let ends = |input: ParseStream<'_>| input.is_empty() || input.peek(Token![,]);
    let (form, example) = form_of(name);
    let ahead = input.fork();
    let message = match form {
        Form::Nothing if !ends(input) => format!("`{name}` takes no value: write {example}"),
        Form::Value if ahead.parse::<Token![=]>().is_err() || ends(&ahead) => {
            format!("`{name}` needs a value: write {example}")
        }
        Form::List if !input.peek(syn::token::Paren) => format!("`{name}` is a list: write {example}"),
        Form::NothingOrList if !ends(input) && !input.peek(syn::token::Paren) => {
            format!("`{name}` takes no value: write {example}")
        }
        _ => return Ok(()),
    };
    Err(syn::Error::new(name.span(), message))
}

fn form_of(name: &Ident) -> (Form, &'static str) {
    let known = FORMS.iter().find(|(known, ..)| name == known);
    known.map_or((Form::Nothing, ""), |(_, form, example)| (*form, example))
}

/// What stands behind `=`; where it is not of its type, an example tells of which it is.
pub(crate) fn value<T: Parse>(name: &Ident, input: ParseStream<'_>) -> syn::Result<T> {
    input.parse::<Token![=]>()?;
    let place = input.span();
    input.parse().map_err(|_| as_in_the_example(name, place))
}

/// The mistake of a value that is of another kind.
pub(crate) fn as_in_the_example(name: &Ident, place: Span) -> syn::Error {
    syn::Error::new(place, format_args!("`{name}` is written {}", form_of(name).1))
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
