//! `#[timed]`, for each shape in which a function gives its result.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};

use super::judge::{judge, judge_of_site};
use super::returns::Returns;
use super::site::site;
use super::{closure, hygienic, parameters, returned, value};
use crate::item::Item;
use crate::plan::TimedPlan;
use crate::shape::{Boxed, Given, OutOfReach, Shape, may_be_a_future};

pub(crate) fn timed(mut plan: TimedPlan) -> TokenStream {
    if plan.shape != Shape::SyncPlain {
        closure::told(&mut plan.item, &plan.root);
    }
    let statics = site(&plan.site, plan.shape.is_async(), &plan.root);
    let (site, labelled) = labelled(&plan);
    let call = match plan.shape {
        Shape::Sync | Shape::AsyncUnsuspended => called(&mut plan, &site),
        Shape::SyncPlain => guarded(&plan, &site),
        Shape::CallerTracked => caller_tracked(&plan, &site),
        Shape::Async => rewritten(&mut plan, &site),
        Shape::AsyncKept => awaited(&plan, &site),
        Shape::AsyncNever => awaited_for_ever(&plan, &site),
        Shape::Given(shape) => given(&plan, shape, &site),
        Shape::OutOfReach(why) => return out_of_reach(&plan, why),
    };
    plan.item.with_body(quote!(#statics #labelled #call))
}

/// The body as a closure, so that what `return` and `?` give is seen. The static is borrowed: to clippy, a method called
/// on it directly would look as if the function changed it.
fn called(plan: &mut TimedPlan, site: &TokenStream) -> TokenStream {
    let captured = captured(plan);
    let rebound = parameters::rebound(&mut plan.item);
    let body = returned::body_behind(&plan.item, &plan.item.signature.output, &captured, &rebound);
    let output = returned::annotation(&plan.item.signature.output);
    let moves = parameters::may_be_given_back(&plan.item.signature);
    let closure = if moves { quote_spanned!(hygienic()=> move ||) } else { quote_spanned!(hygienic()=> ||) };
    if plan.records {
        let judge = judge(plan, site);
        return quote_spanned!(hygienic()=> (#site).call_recording(#closure #output #body, #judge));
    }
    if plan.classify.is_some() || plan.err.is_some() {
        let judge = judge(plan, site);
        return quote_spanned!(hygienic()=> (#site).start().measure(#closure #output #body).judged(#judge));
    }
    if !may_be_a_future(&plan.item.signature.output) {
        return quote_spanned!(hygienic()=> (#site).start().measure(#closure #output #body).__output());
    }
    // A warning of what the output turns out to be stands at the type that was written; it stays one where the user
    // denies all warnings, who can do without the measurement and not without the program.
    let kind = quote_spanned!(returned::place(&plan.item.signature.output)=> __kind);
    quote_spanned! {hygienic()=>
        let __made = (#site).make(#closure #output #body);
        return __made.output();
        #[allow(unreachable_code)]
        #[warn(warnings)]
        __made.__is(__made.#kind());
    }
}

/// The body where it was, under a guard: of a type that is no `Result` there is nothing to see but the end.
fn guarded(plan: &TimedPlan, site: &TokenStream) -> TokenStream {
    let (root, body, guarded) = (&plan.root, plan.item.body.stream(), guarded_by(plan));
    quote_spanned!(hygienic()=> let __call = (#site).#guarded(#root::__private::Outcome::Ok); #body)
}

/// The body of a `#[track_caller]` function, which must not be in a closure: that would be its caller. Each `return` is
/// led past the guard; what `?` gives is not seen, but in a function that returns a `Result` it is an error.
fn caller_tracked(plan: &TimedPlan, site: &TokenStream) -> TokenStream {
    let (output, judge) = (&plan.item.signature.output, judge(plan, site));
    let (early, finished) = (early(plan), quote_spanned!(hygienic()=> __call.finish));
    let returns = Returns { before: quote_spanned!(hygienic()=> #finished), after: quote!(, #judge) };
    let (captured, typed) = (captured(plan), returned::ascription(output));
    let body = plan.item.with_statements(captured, returns.led_past(plan.item.body.stream()));
    let guarded = guarded_by(plan);
    quote_spanned! {hygienic()=>
        let __call = (#site).#guarded(#early);
        let __output #typed = #body;
        #[allow(unreachable_code)]
        return __call.finish(__output, #judge);
    }
}

/// The outcome of a body that `?` left: the return type tells.
fn early(plan: &TimedPlan) -> TokenStream {
    let root = &plan.root;
    match returned::named(&plan.item.signature.output) {
        Some(output) => quote_spanned!(hygienic()=> #root::__private::Early::<#output>::NEW.__early()),
        None => quote_spanned!(hygienic()=> #root::__private::Outcome::Ok),
    }
}

fn guarded_by(plan: &TimedPlan) -> Ident {
    format_ident!("{}", if plan.records { "guarded_recording" } else { "guarded" })
}

/// `async fn` as a `fn` that returns the measured future.
fn rewritten(plan: &mut TimedPlan, site: &TokenStream) -> TokenStream {
    let captured = captured(plan);
    let hint = returned::hint(&plan.item.signature.output, &plan.root);
    let parameters::Owned { held, variables } = parameters::owned_by_future(&mut plan.item, &captured);
    let output = &plan.item.signature.output;
    let body = returned::body_behind(&plan.item, output, &quote!(#held #hint #captured), &variables);
    returned::make_future(&mut plan.item.signature);
    measured(plan, "timed", site, &quote_spanned!(hygienic()=> async move #body))
}

/// `async fn` left as it is, because something else looks at it.
fn awaited(plan: &TimedPlan, site: &TokenStream) -> TokenStream {
    let (hint, captured) = (returned::hint(&plan.item.signature.output, &plan.root), captured(plan));
    let body = plan.item.body_after(quote!(#hint #captured));
    let future = measured(plan, "timed", site, &quote_spanned!(hygienic()=> async #body));
    quote_spanned!(hygienic()=> #future.await)
}

/// `async fn … -> !`: the type `!` cannot be named as a future's output, so the body gives one that says the same.
fn awaited_for_ever(plan: &TimedPlan, site: &TokenStream) -> TokenStream {
    let (root, captured) = (&plan.root, captured(plan));
    let hint = returned::hint_of(quote_spanned!(hygienic()=> #root::__private::Infallible), root);
    let body = plan.item.body_after(quote!(#hint #captured));
    let future = measured(plan, "timed", site, &quote_spanned!(hygienic()=> async #body));
    quote_spanned!(hygienic()=> match #future.await {})
}

/// A plain function that gives a future or stream.
fn given(plan: &TimedPlan, shape: Given, site: &TokenStream) -> TokenStream {
    let root = &plan.root;
    let made = match plan.item.boxed_expression() {
        Some(future) if shape.boxed == Some(Boxed::Written) && !plan.records => {
            let measured = measured(plan, shape.measure(), site, &future);
            return quote_spanned!(hygienic()=> #root::__private::Box::pin(#measured));
        }
        _ => made(&plan.item, root, captured(plan)),
    };
    if shape.boxed.is_none() {
        return measured(plan, shape.measure(), site, &made);
    }
    let place = returned::place(&plan.item.signature.output);
    let with = format_ident!("__{}", measure(plan, shape.measure()), span = place);
    let judge = judge_of_site(plan, site);
    quote_spanned!(hygienic()=> #root::__private::Given::new(#made).#with(#judge))
}

/// The future or stream that a plain function's body makes.
fn made(item: &Item, root: &TokenStream, statements: TokenStream) -> TokenStream {
    let (output, body) = (returned::annotation(&item.signature.output), item.body_after(statements));
    quote_spanned!(hygienic()=> #root::__private::once(move || #output #body))
}

/// The function as it was, and the warning that its calls are not measured.
fn out_of_reach(plan: &TimedPlan, why: OutOfReach) -> TokenStream {
    let (root, body) = (&plan.root, plan.item.body.stream());
    let place = returned::place(&plan.item.signature.output);
    let warning = match why {
        OutOfReach::Within => quote_spanned!(place=> future_within_another_type),
        OutOfReach::Unpinned => quote_spanned!(place=> unpinned_future),
    };
    let warned = quote_spanned!(hygienic()=> #[warn(warnings)] #root::__private::#warning(););
    plan.item.with_body(quote!(#warned #body))
}

fn measured(plan: &TimedPlan, with: &str, site: &TokenStream, made: &TokenStream) -> TokenStream {
    let (root, with, judge) = (&plan.root, measure(plan, with), judge_of_site(plan, site));
    quote_spanned!(hygienic()=> #root::__private::#with(#made, #judge))
}

/// The name of what measures.
fn measure(plan: &TimedPlan, with: &str) -> Ident {
    format_ident!("{}{}", with, if plan.records { "_recording" } else { "" })
}

/// What calls are counted under: the static, or the child of it that this call's labels name. It is always a reference:
/// to clippy, a method called on the static itself would look as if the function changed it, and a trait of the user's
/// with a method of that name would come first.
fn labelled(plan: &TimedPlan) -> (TokenStream, TokenStream) {
    if plan.labels.is_empty() {
        return (quote_spanned!(hygienic()=> &TACHOGRAPH), TokenStream::new());
    }
    let (root, max_series) = (&plan.root, plan.max_series);
    let values = plan.labels.iter().map(|label| {
        let (name, value) = (label.name.to_string(), super::operand(&label.value));
        // Not where the value stands: rustc leaves this `&` out when it underlines.
        let reference = quote_spanned!(hygienic()=> &);
        let span = syn::spanned::Spanned::span(&label.value).resolved_at(hygienic());
        quote_spanned!(span=> (#name, #root::__private::label(#reference &#value)))
    });
    let site = format_ident!("__site", span = hygienic());
    let found = quote_spanned!(hygienic()=> let #site = (&TACHOGRAPH).labelled(#max_series, [#(#values),*]););
    (quote!(#site), found)
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
