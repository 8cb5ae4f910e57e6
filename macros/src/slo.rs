//! The service level of a function: `slo(name = "checkout", latency = "250ms", objective = 99.9)`.

use proc_macro2::{Span, TokenStream};
use syn::parse::ParseStream;
use syn::{Ident, Lit, LitStr, Token};

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

/// A percentage. An outage has to page within a quarter of an hour: for what is refused here it never would, or each failure
/// would. Everything between is reached by the rules, as their tests show.
fn read_objective(name: &Ident, input: ParseStream<'_>) -> syn::Result<f64> {
    if input.peek2(Token![-]) {
        return Err(refused(name, input, TOO_LOW));
    }
    let ahead = input.fork();
    let literal: Lit = value(name, input)?;
    let digits = match &literal {
        Lit::Int(number) => number.base10_digits(),
        Lit::Float(number) => number.base10_digits(),
        _ => return Err(as_in_the_example(name, literal.span())),
    };
    // The decimal point is moved in the text: a hundredth of 99.9 is not the number nearest to 0.999.
    let shifted = |by: &str| format!("{digits}{by}").parse::<f64>();
    match (shifted("e-2"), shifted("e2")) {
        (Ok(ratio), _) if ratio <= 0.0 => Err(refused(name, &ahead, TOO_LOW)),
        (Ok(ratio), _) if ratio >= 1.0 => Err(refused(name, &ahead, TOO_HIGH)),
        (Ok(ratio), Ok(meant)) if ratio < 0.01 => {
            let message = format!("`{digits}` looks like a share: write a percentage, `objective = {meant}`");
            Err(refused(name, &ahead, &message))
        }
        (Ok(ratio), _) => Ok(ratio),
        (Err(_), _) => Err(as_in_the_example(name, literal.span())),
    }
}

const TOO_LOW: &str = "an objective of 0 or less is never missed, so an outage would page nobody: write a percentage such as `99.9`";
const TOO_HIGH: &str = "an objective of 100 or more has no error budget, so each bad call would page: write a percentage below 100, such as `99.9`";

/// A mistake of all that stands behind the `=`.
fn refused(name: &Ident, input: ParseStream<'_>, message: &str) -> syn::Error {
    let written = input.fork().parse::<TokenStream>().unwrap_or_default();
    let value: TokenStream =
        written.into_iter().skip(1).take_while(|token| token.to_string() != ",").collect();
    if value.is_empty() {
        syn::Error::new(name.span(), message)
    } else {
        syn::Error::new_spanned(value, message)
    }
}
