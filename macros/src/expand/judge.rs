//! The closure that decides how a call ended.

use proc_macro2::TokenStream;
use quote::quote_spanned;

use super::hygienic;
use crate::plan::TimedPlan;

pub(super) fn judge(plan: &TimedPlan, site: &TokenStream) -> TokenStream {
    let root = &plan.root;
    let outcome = match &plan.classify {
        Some(classify) => {
            let span = syn::spanned::Spanned::span(classify).resolved_at(hygienic());
            quote_spanned!(span=> #classify(__output))
        }
        None => quote_spanned!(hygienic()=> #root::__private::Judge(__output).__outcome()),
    };
    let Some(err) = &plan.err else {
        return quote_spanned!(hygienic()=> |__output| #outcome);
    };
    let level = &err.level;
    let failure =
        quote_spanned!(err.span.resolved_at(hygienic())=> #root::__private::Fallible::failure(__output));
    quote_spanned! {hygienic()=> |__output| {
        if let #root::__private::Some(__error) = #failure {
            (#site).failed(#root::__private::Level::#level, #root::__private::failure!(__error));
        }
        #outcome
    }}
}
