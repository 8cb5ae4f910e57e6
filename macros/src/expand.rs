//! The plan as tokens: one static, one call into the runtime, the body in between.

mod parameters;
mod returned;

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{Attribute, Expr, ReturnType};

use crate::args::{RequestScopedArgs, Slow, TimedBlockArgs};
use crate::field::{Field, Rendering};
use crate::item::Item;
use crate::plan::{self, RequestPlan, Shape, Site, TimedPlan};

pub(crate) fn timed(mut plan: TimedPlan) -> TokenStream {
    let is_async = plan.shape != Shape::Sync;
    let (site, statics) =
        (format_ident!("TACHOGRAPH", span = hygienic()), site(&plan.site, is_async, &plan.root));
    let (root, judge) = (plan.root.clone(), judge(&plan, &site));
    let captured = captured(&plan);
    let call = match plan.shape {
        // The runtime says `FnOnce()` of such a body: nothing to annotate, nothing to judge.
        Shape::Sync if matches!(plan.item.signature.output, ReturnType::Default) && !plan.records => {
            let body = plan.item.body_after(TokenStream::new());
            quote_spanned!(hygienic()=> #site.run(move || #body))
        }
        Shape::Sync => {
            let output = returned::annotation(&plan.item.signature.output);
            let call = if plan.records { quote!(call_recording) } else { quote!(call) };
            let body = plan.item.body_after(captured);
            quote_spanned!(hygienic()=> #site.#call(move || #output #body, #judge))
        }
        Shape::Async => {
            let hint = returned::hint(&plan.item.signature.output, &root);
            let owned = parameters::owned_by_future(&mut plan.item, &captured);
            returned::make_future(&mut plan.item.signature, &root);
            let body = plan.item.body_after(quote!(#owned #hint #captured));
            let future = quote_spanned!(hygienic()=> async move #body);
            timed_future(&plan, &site, future, judge)
        }
        Shape::ImplFuture | Shape::BoxedFuture => {
            let future = made_future(&plan.item, plan.shape, &root, captured);
            pinned(plan.shape, &root, timed_future(&plan, &site, future, judge))
        }
    };
    plan.item.with_body(quote!(#statics #call))
}

fn timed_future(plan: &TimedPlan, site: &syn::Ident, future: TokenStream, judge: TokenStream) -> TokenStream {
    let root = &plan.root;
    let timed = if plan.records { quote!(timed_recording) } else { quote!(timed) };
    quote_spanned!(hygienic()=> #root::__private::#timed(|| &#site, #future, #judge))
}

/// The future that a plain function's body makes.
fn made_future(item: &Item, shape: Shape, root: &TokenStream, statements: TokenStream) -> TokenStream {
    let output = match shape {
        Shape::BoxedFuture => returned::annotation(&item.signature.output),
        _ => TokenStream::new(),
    };
    let body = item.body_after(statements);
    quote_spanned!(hygienic()=> #root::__private::once(move || #output #body))
}

fn pinned(shape: Shape, root: &TokenStream, future: TokenStream) -> TokenStream {
    match shape {
        Shape::BoxedFuture => quote_spanned!(hygienic()=> #root::__private::Box::pin(#future)),
        _ => future,
    }
}

pub(crate) fn timed_block(input: TimedBlockArgs) -> TokenStream {
    let root = plan::root(input.args.root);
    let described = Site {
        name: input.args.name.map(|name| name.value()).unwrap_or_default(),
        component: plan::component(input.args.component),
        line: plan::line(input.span),
        slow: input.args.slow,
    };
    let (statics, block) = (site(&described, false, &root), input.block);
    quote_spanned! {hygienic()=> {
        #statics
        let call = TACHOGRAPH.start();
        let output = #block;
        call.finish(#root::__private::Judge(&output).outcome());
        output
    }}
}

/// `#[request_scoped] #[timed] fn` with its attributes the other way round.
pub(crate) fn swapped(
    timed: &Attribute,
    raw: &TokenStream,
    args: &RequestScopedArgs,
    item: &Item,
) -> TokenStream {
    let root = plan::root(args.root.clone());
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
    let root = plan.root.clone();
    let context = context(&plan);
    let contents = match plan.shape {
        Shape::Sync => {
            let body = &plan.item.body;
            quote_spanned!(hygienic()=> let _request = #context.enter(); #body)
        }
        Shape::Async => {
            let hint = returned::hint(&plan.item.signature.output, &root);
            let owned = parameters::owned_by_future(&mut plan.item, &context);
            returned::make_future(&mut plan.item.signature, &root);
            let body = plan.item.body_after(quote!(#owned #hint));
            quote_spanned!(hygienic()=> #context.scope(async move #body))
        }
        Shape::ImplFuture | Shape::BoxedFuture => {
            let future = made_future(&plan.item, plan.shape, &root, TokenStream::new());
            let scoped = quote_spanned!(hygienic()=> {
                let context = #context;
                context.clone().run(move || context.scope(#future))
            });
            pinned(plan.shape, &root, scoped)
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
            quote_spanned!(hygienic()=> #root::__private::Context::with_id(#root::__private::None::<&str>))
        }
    };
    let fields = plan.fields.iter().map(|field| {
        let (name, value) = (field.name.to_string(), value(field, root));
        quote_spanned!(hygienic()=> .field(#name, #value))
    });
    quote!(#context #(#fields)*)
}

/// The static that the linker gathers.
fn site(site: &Site, is_async: bool, root: &TokenStream) -> TokenStream {
    let before = format!("function=\"{}\",module=\"", escaped(&site.name));
    let after = format!("\",component=\"{}\"", escaped(&site.component));
    let kind = if is_async { quote!(future) } else { quote!(function) };
    let line = site.line;
    let slow = site.slow.map(|slow| match slow {
        Slow::AtLeast(nanos) => quote_spanned!(hygienic()=> .slow(#root::__private::Slow::AtLeast(#nanos))),
        Slow::Never => quote_spanned!(hygienic()=> .slow(#root::__private::Slow::Never)),
    });
    quote_spanned! {hygienic()=>
        #[used]
        #[cfg_attr(any(target_os = "linux", target_os = "android", target_os = "freebsd"), unsafe(link_section = "tachograph_0_1"))]
        static TACHOGRAPH: #root::__private::CallSite = #root::__private::CallSite::#kind(
            #root::__private::concat!(#before, #root::__private::module_path!(), #after), #line
        ) #slow;
    }
}

/// A label value as the metrics page spells it.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

/// The closure that decides how a call ended.
fn judge(plan: &TimedPlan, site: &syn::Ident) -> TokenStream {
    let root = &plan.root;
    match &plan.err {
        None => quote_spanned!(hygienic()=> |output| #root::__private::Judge(output).outcome()),
        Some(err) => {
            let level = &err.level;
            let failure = quote_spanned!(err.span.resolved_at(hygienic())=> #root::__private::Fallible::failure(output));
            quote_spanned! {hygienic()=> |output| {
                if let #root::__private::Some(error) = #failure {
                    #site.failed(#root::__private::Level::#level, #root::__private::failure!(error));
                }
                #root::__private::Judge(output).outcome()
            }}
        }
    }
}

/// The statement that captures the fields, in the body's own scope, before the body.
fn captured(plan: &TimedPlan) -> TokenStream {
    if plan.fields.is_empty() {
        return TokenStream::new();
    }
    let root = &plan.root;
    let fields = plan.fields.iter().map(|field| {
        let (name, value) = (field.name.to_string(), value(field, root));
        quote_spanned!(hygienic()=> (#name, #value))
    });
    quote_spanned!(hygienic()=> #root::__private::record(|| [#(#fields),*]);)
}

/// A field's value; a type that cannot be one is underlined where the user wrote it.
fn value(field: &Field, root: &TokenStream) -> TokenStream {
    let span = syn::spanned::Spanned::span(&field.value).resolved_at(hygienic());
    let value = operand(&field.value);
    match field.rendering {
        Rendering::Typed => quote_spanned!(span=> #root::__private::ToValue::to_value(&#value)),
        Rendering::Display => quote_spanned!(span=> #root::__private::Value::display(&#value)),
        Rendering::Debug => quote_spanned!(span=> #root::__private::Value::debug(&#value)),
    }
}

/// An expression that can stand behind `&`.
fn operand(expression: &Expr) -> TokenStream {
    match expression {
        Expr::Path(_) | Expr::Field(_) | Expr::MethodCall(_) | Expr::Call(_) | Expr::Lit(_) => {
            quote!(#expression)
        }
        _ => quote!((#expression)),
    }
}

/// Local names of the generated code are not seen by the body, nor the body's by it.
fn hygienic() -> Span {
    Span::mixed_site()
}
