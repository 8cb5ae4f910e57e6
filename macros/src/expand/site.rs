//! The static that an annotated function leaves, for the linker to gather.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::hygienic;
use crate::args::Slow;
use crate::plan::{Site, SitesSlo};

/// The static, under the one name that no body uses. The runtime writes it down: rustc fills in a macro of rules much faster than
/// it takes as many tokens from here.
pub(super) fn site(site: &Site, is_async: bool, root: &TokenStream) -> TokenStream {
    let before = format!("function=\"{}\",module=\"", escaped(&site.name));
    let after = format!("\",component=\"{}\"", escaped(&site.component));
    let kind = if is_async { quote!(future) } else { quote!(function) };
    let (line, settings) = (site.line, settings(site, root));
    quote_spanned!(hygienic()=> #root::__private::site!(#kind #before #after #line #settings);)
}

fn settings(site: &Site, root: &TokenStream) -> TokenStream {
    let slow = site.slow.map(|slow| match slow {
        Slow::AtLeast(nanos) => quote_spanned!(hygienic()=> .slow(#root::__private::Slow::AtLeast(#nanos))),
        Slow::Never => quote_spanned!(hygienic()=> .slow(#root::__private::Slow::Never)),
    });
    let buckets = site.buckets.as_ref().map(|nanos| quote_spanned!(hygienic()=> .buckets(&[#(#nanos),*])));
    let in_flight = site.in_flight.then(|| quote_spanned!(hygienic()=> .in_flight()));
    let sample = site.sample.map(|one_in| quote_spanned!(hygienic()=> .sample(#one_in)));
    let slo = site.slo.as_ref().map(|slo| promised(slo, root));
    let labels = &site.labels;
    let labelled = (!labels.is_empty()).then(|| quote_spanned!(hygienic()=> .labelled_by(&[#(#labels),*])));
    quote!(#slow #buckets #in_flight #sample #slo #labelled)
}

fn promised(slo: &SitesSlo, root: &TokenStream) -> TokenStream {
    let SitesSlo { name, ratio, latency } = slo;
    let latency = match latency {
        Some(nanos) => quote_spanned!(hygienic()=> Some(#nanos)),
        None => quote_spanned!(hygienic()=> None),
    };
    quote_spanned! {hygienic()=>
        .slo(&#root::__private::Slo {
            name: #name,
            objective: #ratio,
            latency: #root::__private::Option::#latency
        })
    }
}

/// A label value as the metrics page spells it.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
