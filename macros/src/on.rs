//! The attributes as pipelines: arguments and item are read, joined to a plan, and written out.

use proc_macro2::TokenStream;
use syn::Token;
use syn::parse::Parser;
use syn::punctuated::Punctuated;

use crate::args::{RequestScopedArgs, TimedArgs, TimedBlockArgs};
use crate::argument::Argument;
use crate::container::Container;
use crate::diagnostic::Diagnostics;
use crate::expand;
use crate::field::Field;
use crate::item::Item;
use crate::plan::{RequestPlan, TimedPlan};

type RawTokens = proc_macro::TokenStream;

pub(crate) fn timed(args: RawTokens, item: RawTokens) -> RawTokens {
    attribute(args, item, |args, item, diagnostics| {
        let is_skipped = Argument::split(args.clone()).iter().any(|argument| argument.name == "skip");
        if !is_skipped && let Some(container) = Container::read(&item) {
            return container.spread(&args, diagnostics);
        }
        let is_bare = args.is_empty();
        let args = TimedArgs::read(args, diagnostics);
        if args.skip.is_some() {
            return Some(item);
        }
        let item = Item::read(item, "timed", diagnostics)?;
        // A macro may add the attribute to a function that has it, as templates of tests do. It is measured once.
        if let Some(other) = item.attribute("timed") {
            if !is_bare {
                diagnostics.at(other, "`#[timed]` stands twice on this function: remove one");
            }
            return Some(item.unchanged());
        }
        let plan = TimedPlan::new(args, item);
        Some(if expand::is_for_clippy() { expand::timed_as_written(&plan) } else { expand::timed(plan) })
    })
}

pub(crate) fn request_scoped(args: RawTokens, item: RawTokens) -> RawTokens {
    attribute(args, item, |args, item, diagnostics| {
        let raw_args = args.clone();
        let args = RequestScopedArgs::read(args, diagnostics);
        let mut item = Item::read(item, "request_scoped", diagnostics)?;
        // The request must enclose the call, or the call's performance record would lose the request's id.
        if let Some(timed) = item.take_attribute("timed") {
            return Some(expand::swapped(&timed, &raw_args, &args, &item));
        }
        let plan = RequestPlan::new(args, item, diagnostics)?;
        Some(if expand::is_for_clippy() {
            expand::request_as_written(&plan)
        } else {
            expand::request_scoped(plan)
        })
    })
}

pub(crate) fn timed_block(input: RawTokens) -> RawTokens {
    match TimedBlockArgs::read.parse(input) {
        Ok(args) => expand::timed_block(args).into(),
        Err(error) => error.into_compile_error().into(),
    }
}

pub(crate) fn record(input: RawTokens) -> RawTokens {
    match Punctuated::<Field, Token![,]>::parse_terminated.parse(input) {
        Ok(fields) => expand::record(&fields.into_iter().collect::<Vec<_>>()).into(),
        Err(error) => error.into_compile_error().into(),
    }
}

/// Where `expand` gives nothing, or any mistake was found, the item stays as it came, beside all the errors.
fn attribute(
    args: RawTokens,
    item: RawTokens,
    expand: impl FnOnce(TokenStream, TokenStream, &mut Diagnostics) -> Option<TokenStream>,
) -> RawTokens {
    let mut diagnostics = Diagnostics::default();
    let expanded = expand(args.into(), item.clone().into(), &mut diagnostics);
    match (diagnostics.into_compile_errors(), expanded) {
        (None, Some(expanded)) => expanded.into(),
        (errors, _) => {
            let mut untouched = item;
            untouched.extend(RawTokens::from(errors.unwrap_or_default()));
            untouched
        }
    }
}
