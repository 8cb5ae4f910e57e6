//! `#[request_scoped]`, for each shape in which a function gives its result.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::Attribute;

use super::{closure, hygienic, operand, parameters, returned, value};
use crate::args::RequestScopedArgs;
use crate::item::Item;
use crate::plan::{RequestPlan, root};
use crate::shape::Shape;

/// `#[request_scoped] #[timed] fn` with its attributes the other way round.
pub(crate) fn swapped(
    timed: &Attribute,
    raw: &TokenStream,
    args: &RequestScopedArgs,
    item: &Item,
) -> TokenStream {
    let root = root(args.root.as_ref());
    let (attributes, visibility, defaultness) = (&item.attributes, &item.visibility, &item.defaultness);
    let (signature, body) = (&item.signature, &item.body);
    quote! {
        #(#attributes)*
        #timed
        #[#root::request_scoped(#raw)]
        #visibility #defaultness #signature #body
    }
}

pub(crate) fn request_scoped(mut plan: RequestPlan) -> TokenStream {
    let (root, context) = (plan.root.clone(), context(&plan));
    let contents = match plan.shape {
        // The guard stands beside the body, which keeps its place and its caller.
        Shape::Sync | Shape::SyncPlain | Shape::CallerTracked | Shape::OutOfReach(_) => {
            let body = plan.item.body.stream();
            quote_spanned!(hygienic()=> let __request = #context.enter(); #body)
        }
        // Also where nothing waits: the id is settled when the function is called, not when it is first polled.
        Shape::Async | Shape::AsyncUnsuspended => {
            closure::told(&mut plan.item, &root);
            let hint = returned::hint(&plan.item.signature.output, &root);
            let parameters::Owned { held, variables } = parameters::owned_by_future(&mut plan.item, &context);
            let output = &plan.item.signature.output;
            let body = returned::body_behind(&plan.item, output, &quote!(#held #hint), &variables);
            returned::make_future(&mut plan.item.signature);
            quote_spanned!(hygienic()=> #context.scope_block(async move #body))
        }
        Shape::AsyncKept => {
            closure::told(&mut plan.item, &root);
            let body = plan.item.body_after(returned::hint(&plan.item.signature.output, &root));
            quote_spanned!(hygienic()=> #context.scope_block(async #body).await)
        }
        Shape::AsyncNever => {
            let hint = returned::hint_of(quote_spanned!(hygienic()=> #root::__private::Infallible), &root);
            let body = plan.item.body_after(hint);
            quote_spanned!(hygienic()=> match #context.scope_block(async #body).await {})
        }
        Shape::Given(given) => {
            let output = returned::annotation(&plan.item.signature.output);
            let body = &plan.item.body;
            given.pinned(&root, quote_spanned!(hygienic()=> #context.scope_made(move || #output #body)))
        }
    };
    plan.item.with_body(contents)
}

fn context(plan: &RequestPlan) -> TokenStream {
    let root = &plan.root;
    let context = match &plan.id {
        _ if plan.new => quote_spanned!(hygienic()=> #root::__private::Context::with_new_id()),
        Some(id) => {
            let span = syn::spanned::Spanned::span(id).resolved_at(hygienic());
            let id = operand(id);
            quote_spanned!(span=> #root::__private::Context::with_id(&#id))
        }
        None => {
            quote_spanned!(hygienic()=> #root::__private::Context::inherited())
        }
    };
    let fields = plan.fields.iter().map(|field| {
        let (name, value) = (field.name.to_string(), value(field, root));
        quote_spanned!(hygienic()=> .field(#name, #value))
    });
    quote!(#context #(#fields)*)
}
