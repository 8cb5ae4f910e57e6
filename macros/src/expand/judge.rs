//! The closure that decides how a call ended.

use proc_macro2::TokenStream;
use quote::quote_spanned;

use super::{hygienic, returned};
use crate::plan::TimedPlan;
use crate::shape::{Shape, made_type};

pub(super) fn judge(plan: &TimedPlan, site: &TokenStream) -> TokenStream {
    let root = &plan.root;
    let outcome = match &plan.classify {
        Some(classify) => {
            let span = syn::spanned::Spanned::span(classify).resolved_at(hygienic());
            quote_spanned!(span=> #classify(__output))
        }
        None => quote_spanned!(hygienic()=> #root::__private::Judge(__output).__outcome()),
    };
    // Where inference has not come to the type yet, the judge would take it for a `Result`.
    let written = match plan.shape {
        Shape::Given(_) => made_type(&plan.item.signature.output).and_then(returned::written),
        _ => None,
    };
    let written = written.map(|written| quote_spanned!(hygienic()=> : &#written));
    let Some(err) = &plan.err else {
        return quote_spanned!(hygienic()=> |__output #written| #outcome);
    };
    let level = &err.level;
    let failure =
        quote_spanned!(err.span.resolved_at(hygienic())=> #root::__private::Fallible::failure(__output));
    quote_spanned! {hygienic()=> |__output #written| {
        if let #root::__private::Some(__error) = #failure {
            (#site).failed(#root::__private::Level::#level, #root::__private::failure!(__error));
        }
        #outcome
    }}
}
