//! The closure that decides how a call ended.

use proc_macro2::TokenStream;
use quote::quote_spanned;

use super::{hygienic, returned};
use crate::plan::TimedPlan;
use crate::shape::{Shape, made_type};

/// Of a call that has an output when it is asked.
pub(super) fn judge(plan: &TimedPlan, site: &TokenStream) -> TokenStream {
    let outcome = match own(plan, site) {
        Some(outcome) => outcome,
        None => by_type(plan, &some(plan)),
    };
    quote_spanned!(hygienic()=> |__output| #outcome)
}

/// Of a future or stream, which also asks whose call it is: before there is an output, and when there will be none. One
/// closure for both is one function less to compile.
pub(super) fn judge_of_site(plan: &TimedPlan, site: &TokenStream) -> TokenStream {
    let root = &plan.root;
    let some = some(plan);
    let outcome = match own(plan, site) {
        Some(outcome) => quote_spanned! {hygienic()=>
            match __output {
                #some => #outcome,
                _ => #root::__private::Outcome::Ok,
            }
        },
        None => by_type(plan, &quote_spanned!(hygienic()=> __output)),
    };
    // Where inference has not come to the type yet, the judge would take it for a `Result`.
    let written = match plan.shape {
        Shape::Given(_) => made_type(&plan.item.signature.output).and_then(returned::written),
        _ => None,
    };
    let written = written.map(|written| quote_spanned!(hygienic()=> : #root::__private::Option<&#written>));
    // What the labels found is a variable of the function, which is over before its future is.
    let moves = (!plan.labels.is_empty()).then(|| quote_spanned!(hygienic()=> move));
    quote_spanned!(hygienic()=> #moves |__output #written| (#site, #outcome))
}

fn some(plan: &TimedPlan) -> TokenStream {
    let root = &plan.root;
    quote_spanned!(hygienic()=> #root::__private::Some(__output))
}

fn by_type(plan: &TimedPlan, output: &TokenStream) -> TokenStream {
    let root = &plan.root;
    quote_spanned!(hygienic()=> #root::__private::Judge(#output).__outcome())
}

/// What the attribute's arguments say of it: `classify`, and `err` beside whichever of the two decides.
fn own(plan: &TimedPlan, site: &TokenStream) -> Option<TokenStream> {
    let root = &plan.root;
    let classified = plan.classify.as_ref().map(|classify| {
        let span = syn::spanned::Spanned::span(classify).resolved_at(hygienic());
        quote_spanned!(span=> #classify(__output))
    });
    let Some(err) = &plan.err else { return classified };
    let outcome = classified.unwrap_or_else(|| by_type(plan, &some(plan)));
    let level = &err.level;
    let failure =
        quote_spanned!(err.span.resolved_at(hygienic())=> #root::__private::Fallible::failure(__output));
    Some(quote_spanned! {hygienic()=> {
        if let #root::__private::Some(__error) = #failure {
            (#site).failed(#root::__private::Level::#level, #root::__private::failure!(__error));
        }
        #outcome
    }})
}
