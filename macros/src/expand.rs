//! The plan as tokens: one static, one call into the runtime, the body in between.

mod site;
mod parameters;
mod returned;
mod judge;
mod returns;
mod timed;
mod request;
mod block;
mod as_written;

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Expr;

pub(crate) use self::as_written::{is_for_clippy, request_as_written, timed_as_written};
pub(crate) use self::block::{record, timed_block};
pub(crate) use self::request::{request_scoped, swapped};
pub(crate) use self::timed::timed;
use crate::field::{Field, Rendering};

/// A field's value; a type that cannot be one is underlined where the user wrote it.
fn value(field: &Field, root: &TokenStream) -> TokenStream {
    let span = syn::spanned::Spanned::span(&field.value).resolved_at(hygienic());
    let (value, reference) = (operand(&field.value), reference());
    match field.rendering {
        Rendering::Typed => quote_spanned!(span=> #root::__private::ToValue::to_value(#reference #value)),
        Rendering::Display => quote_spanned!(span=> #root::__private::Value::display(#reference #value)),
        Rendering::Debug => quote_spanned!(span=> #root::__private::Value::debug(#reference #value)),
    }
}

/// `&`, not where the expression stands: rustc would underline one place less of the expression than there is.
fn reference() -> TokenStream {
    quote_spanned!(hygienic()=> &)
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

/// Local names of the generated code are not seen by the body, nor the body's by it. They begin with `__` all the same: a
/// constant of the same name would be taken for the pattern.
fn hygienic() -> Span {
    Span::mixed_site()
}
