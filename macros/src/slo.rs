//! The service level of a function: `slo(name = "checkout", latency = "250ms", objective = 99.9)`.

use proc_macro2::{Span, TokenStream};
use syn::parse::ParseStream;
use syn::{Ident, Lit, LitStr};

use crate::args::set_once;
use crate::argument::{as_in_the_example, each_argument, value};
use crate::diagnostic::Diagnostics;
use crate::duration;
use crate::value::label;

const ARGUMENTS: &[&str] = &["name", "latency", "objective"];

pub(crate) struct Slo {
    pub(crate) name: Option<LitStr>,
    pub(crate) latency: Option<Latency>,
    /// The objective as a share.
    pub(crate) ratio: f64,
}

pub(crate) struct Latency {
    pub(crate) nanos: u64,
    pub(crate) place: Span,
}

impl Slo {
    /// Reads what stands in the parentheses.
    pub(crate) fn read(
        slo: &Ident,
        input: ParseStream<'_>,
        diagnostics: &mut Diagnostics,
    ) -> syn::Result<Self> {
        let content;
        syn::parenthesized!(content in input);
        let (mut name, mut latency, mut ratio) = (None, None, None);
        let mut is_objective_there = false;
        each_argument(content.parse()?, ARGUMENTS, diagnostics, |argument, input, _| {
            Ok(match argument.to_string().as_str() {
                "name" => set_once(&mut name, label(argument, input)?),
                "latency" => set_once(&mut latency, read_latency(argument, input)?),
                _ => {
                    is_objective_there = true;
                    set_once(&mut ratio, read_objective(argument, input)?)
                }
            })
        });
        if !is_objective_there {
            diagnostics
                .at(slo, "`slo` needs an objective: write `slo(latency = \"250ms\", objective = 99.9)`");
        }
        // Where it is none, that was said, and nothing will be made of it.
        Ok(Self { name, latency, ratio: ratio.unwrap_or_default() })
    }
}

fn read_latency(name: &Ident, input: ParseStream<'_>) -> syn::Result<Latency> {
    let text: LitStr = value(name, input)?;
    let message = match duration::parse(&text.value()) {
        Some(0) => {
            "no call takes no time: write the longest that a good one takes, such as `\"250ms\"`".to_owned()
        }
        Some(nanos) => return Ok(Latency { nanos, place: name.span() }),
        None => format!("`{}` is no latency: write a duration such as `\"250ms\"`", text.value()),
    };
    Err(syn::Error::new(text.span(), message))
}

/// A percentage. What is refused is what the rules of the alert pack could not page for: all other objectives they can, within
/// minutes of an outage.
fn read_objective(name: &Ident, input: ParseStream<'_>) -> syn::Result<f64> {
    let place = input.fork();
    place.parse::<syn::Token![=]>()?;
    let place = place.span();
    let negative =
        input.fork().parse::<TokenStream>().is_ok_and(|tokens| tokens.to_string().starts_with("= -"));
    let literal: Lit = value(name, input).map_err(|error| if negative { too_low(place) } else { error })?;
    let digits = match &literal {
        Lit::Int(number) => number.base10_digits().to_owned(),
        Lit::Float(number) => number.base10_digits().to_owned(),
        _ => return Err(as_in_the_example(name, place)),
    };
    // The decimal point is moved in the text: a hundredth of 99.9 is not the number nearest to 0.999.
    let ratio: f64 = format!("{digits}e-2").parse().map_err(|_| as_in_the_example(name, place))?;
    match ratio {
        ratio if ratio <= 0.0 => Err(too_low(place)),
        ratio if ratio >= 1.0 => {
            let message = "an objective of 100 or more leaves no budget, and each failure would page: write a percentage below 100, such as `99.9`";
            Err(syn::Error::new(place, message))
        }
        ratio if ratio < 0.01 => {
            let message = format!("`{digits}` is a share: write a percentage, `objective = {}`", ratio * 1e4);
            Err(syn::Error::new(place, message))
        }
        ratio => Ok(ratio),
    }
}

fn too_low(place: Span) -> syn::Error {
    let message = "an objective of 0 or less is never missed, and nothing would page: write a percentage, such as `99.9`";
    syn::Error::new(place, message)
}
