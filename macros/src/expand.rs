//! The plan as tokens: one static, one call into the runtime, the body in between.

mod site;
mod parameters;
mod returned;
mod closure;
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

/// Local names of the generated code are not seen by the body, nor the body's by it. They begin with `__` all the same: a
/// constant of the same name would be taken for the pattern.
fn hygienic() -> Span {
    Span::mixed_site()
}
