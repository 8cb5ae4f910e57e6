//! A closure that a function gives as its `impl Fn(…)`.
//!
//! rustc tells a closure the types of its parameters from the return type, where it stands at the end of the function
//! itself. At the end of an async block or of another closure it does not; there a borrow of the closure tells it.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{Block, Expr, ExprClosure, PathArguments, ReturnType, Stmt, TraitBound, Type, TypeParamBound};

use super::hygienic;
use crate::item::Item;

/// Tells the closure at the end of the body, if there is one, what the return type says of it.
pub(super) fn told(item: &mut Item, root: &TokenStream) {
    let Some(bound) = function_trait(&item.signature.output) else { return };
    let (lifetimes, path) = (&bound.lifetimes, &bound.path);
    let bound = quote!(#lifetimes #path);
    let tell = |closure: &ExprClosure| {
        quote_spanned! {hygienic()=> {
            let mut __closure = #root::__private::Held::NEW;
            let _: &mut dyn #bound = __closure.__hold(#closure);
            __closure.__released()
        }}
    };
    let body = &item.body;
    let Ok(mut block) = syn::parse2::<Block>(quote!(#body)) else { return };
    if in_block(&mut block, &tell) {
        let statements = &block.stmts;
        item.replace_body(quote!(#(#statements)*));
    }
}

/// The `Fn(…) -> …` of a return type that is `impl Fn(…) -> …`.
fn function_trait(output: &ReturnType) -> Option<&TraitBound> {
    let ReturnType::Type(_, output) = output else { return None };
    let Type::ImplTrait(output) = &**output else { return None };
    output.bounds.iter().find_map(|bound| match bound {
        TypeParamBound::Trait(bound) => {
            let last = bound.path.segments.last()?;
            let known = ["Fn", "FnMut", "FnOnce"].iter().any(|name| last.ident == name);
            (known && matches!(last.arguments, PathArguments::Parenthesized(_))).then_some(bound)
        }
        _ => None,
    })
}

fn in_block(block: &mut Block, tell: &dyn Fn(&ExprClosure) -> TokenStream) -> bool {
    match block.stmts.last_mut() {
        Some(Stmt::Expr(last, None)) => in_expression(last, tell),
        Some(Stmt::Expr(last @ Expr::Return(_), Some(_))) => in_expression(last, tell),
        _ => false,
    }
}

/// Changes the closure that an expression is, or ends with.
fn in_expression(expression: &mut Expr, tell: &dyn Fn(&ExprClosure) -> TokenStream) -> bool {
    match expression {
        Expr::Closure(closure) if !closure.inputs.is_empty() => {
            let told = tell(closure);
            *expression = Expr::Verbatim(told);
            true
        }
        Expr::Paren(inner) => in_expression(&mut inner.expr, tell),
        Expr::Block(inner) => in_block(&mut inner.block, tell),
        Expr::Unsafe(inner) => in_block(&mut inner.block, tell),
        Expr::Return(given) => given.expr.as_mut().is_some_and(|given| in_expression(given, tell)),
        _ => false,
    }
}
