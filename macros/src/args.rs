//! The arguments of the attributes, as they were written.

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::parse::ParseStream;
use syn::{Expr, Ident, LitStr, Path, Token};

use crate::argument::{Argument, each_argument, value};
use crate::diagnostic::Diagnostics;
use crate::field::Field;
use crate::slo::{Latency, Slo};
use crate::value::{buckets, checked_label, crate_path, err, label, labels, number, slow};

pub(crate) const TIMED: &[&str] = &[
    "name",
    "component",
    "slow",
    "fields",
    "labels",
    "max_series",
    "buckets",
    "in_flight",
    "sample",
    "slo",
    "err",
    "classify",
    "crate",
    "skip",
];
const REQUEST_SCOPED: &[&str] = &["id", "new", "fields", "crate"];
const TIMED_BLOCK: &[&str] = &["component", "slow", "crate"];

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
    pub(crate) slo: Option<Slo>,
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
        let max_series =
            Argument::split(tokens.clone()).into_iter().find(|argument| argument.name == "max_series");
        let args = Self::read_known(tokens, TIMED, diagnostics);
        if let (Some(max_series), None) = (max_series, &args.labels) {
            diagnostics
                .at_span(max_series.span, "`max_series` limits `labels`, and there are none: remove it");
        }
        if let (Some(Latency { place, .. }), Some(2..)) =
            (args.slo.as_ref().and_then(|slo| slo.latency.as_ref()), args.sample)
        {
            diagnostics.at_span(
                *place,
                "`latency` judges every call, and `sample` times one in N: remove one of the two",
            );
        }
        args
    }

    fn read_known(tokens: TokenStream, known: &[&str], diagnostics: &mut Diagnostics) -> Self {
        let mut args = Self::default();
        each_argument(tokens, known, diagnostics, |name, input, diagnostics| {
            let twice = match name.to_string().as_str() {
                "name" => set_once(&mut args.name, label(name, input)?),
                "component" => set_once(&mut args.component, label(name, input)?),
                "slow" => set_once(&mut args.slow, slow(name, input)?),
                "fields" => set_once(&mut args.fields, Field::read_all(name, input, diagnostics)?),
                "labels" => set_once(&mut args.labels, labels(name, input, diagnostics)?),
                "max_series" => set_once(
                    &mut args.max_series,
                    number(name, input, "at least 1 and at most 10000", 1..=10_000)?,
                ),
                "buckets" => set_once(&mut args.buckets, buckets(name, input)?),
                "in_flight" => set_once(&mut args.in_flight, ()),
                "sample" => set_once(&mut args.sample, number(name, input, "at least 1", 1..=u32::MAX)?),
                "slo" => set_once(&mut args.slo, Slo::read(name, input, diagnostics)?),
                "err" => set_once(&mut args.err, err(name, input)?),
                "classify" => set_once(&mut args.classify, value(name, input)?),
                "skip" => set_once(&mut args.skip, ()),
                _ => set_once(&mut args.root, crate_path(name, input)?),
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
                "id" => set_once(&mut args.id, value(name, input)?),
                "new" => {
                    new_name = Some(name.clone());
                    set_once(&mut args.new, ())
                }
                "fields" => set_once(&mut args.fields, Field::read_all(name, input, diagnostics)?),
                _ => set_once(&mut args.root, crate_path(name, input)?),
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
        let missing =
            || syn::Error::new(span, "the block to time is missing: `timed_block!(\"parse\", { … })`");
        input.parse::<Token![,]>().map_err(|_| missing())?;
        let mut rest = TokenStream::new();
        while !input.is_empty() && !input.peek(syn::token::Brace) {
            rest.extend([input.parse::<TokenTree>()?]);
        }
        let mut diagnostics = Diagnostics::default();
        let mut args = TimedArgs::read_known(rest, TIMED_BLOCK, &mut diagnostics);
        if let Err(error) = checked_label(&name) {
            diagnostics.push(error);
        }
        args.name = Some(name);
        let block = input.parse().map_err(|_| missing())?;
        input.parse::<Option<Token![,]>>()?;
        diagnostics.into_result()?;
        Ok(Self { args, block, span })
    }
}

/// Whether there was a value already; the first one stays.
pub(crate) fn set_once<T>(slot: &mut Option<T>, value: T) -> bool {
    let twice = slot.is_some();
    slot.get_or_insert(value);
    twice
}
