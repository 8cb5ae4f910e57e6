//! An `async fn` owns all its arguments until it ends, also those that its body does not name. An `async move` block
//! owns what it names. The statements made here close that gap: a permit that is only held stays held.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Attribute, FnArg, Ident, Pat, PatType, ReceiverKind, Signature, Type};

use crate::item::{Item, mentions};

/// Statements for the head of the async block; patterns in the signature become names where they must.
///
/// `arguments` are expressions of the attribute that name arguments of the function, as its other attributes may.
pub(super) fn owned_by_future(item: &mut Item, arguments: &TokenStream) -> Owned {
    let (attributes, body) = (&item.attributes, item.body.stream());
    let named = || quote!(#(#attributes)* #arguments #body);
    let mut moved = TokenStream::new();
    let mut held = Vec::new();
    for (position, argument) in item.signature.inputs.iter_mut().enumerate() {
        match argument {
            FnArg::Receiver(receiver) => {
                if !matches!(receiver.kind, ReceiverKind::Reference(..)) {
                    let name = Ident::new("self", receiver.self_token.span);
                    held.push(Held { name, cfg: cfg(&receiver.attrs) });
                }
            }
            FnArg::Typed(argument) => own(argument, position, &named, &mut moved, &mut held),
        }
    }
    Owned { held: hold(&held), variables: moved }
}

/// What the head of an async block says so that the block owns its arguments.
pub(super) struct Owned {
    pub(super) held: TokenStream,
    /// Arguments bound anew: these are variables of the block.
    pub(super) variables: TokenStream,
}

/// An argument that the block takes whole by borrowing it for a moment.
struct Held {
    name: Ident,
    cfg: TokenStream,
}

fn own(
    argument: &mut PatType,
    position: usize,
    named: &dyn Fn() -> TokenStream,
    moved: &mut TokenStream,
    held: &mut Vec<Held>,
) {
    let cfg = cfg(&argument.attrs);
    if let Pat::Ident(pattern) = &mut *argument.pat
        && pattern.by_ref.is_none()
        && pattern.subpat.is_none()
    {
        let name = pattern.ident.clone();
        if pattern.mutability.is_none() && drops_nothing(&argument.ty) {
            // It is captured where it is used, and nobody can tell when it goes.
        } else if pattern.mutability.is_none() && mentions(named(), &name.to_string()) {
            held.push(Held { name, cfg });
        } else {
            // Bound again, so that rustc still says when an argument is not used, or set and not read.
            let mutability = pattern.mutability.take();
            moved.extend(quote_spanned!(Span::mixed_site()=> #cfg let #mutability #name = #name;));
        }
        return;
    }
    let name = format_ident!("__argument_{position}", span = Span::mixed_site());
    let pattern = std::mem::replace(&mut *argument.pat, pattern_of(name.clone()));
    // What a pattern borrows mutably has to be so.
    let mutability = mentions(quote!(#pattern), "ref").then(|| quote_spanned!(Span::mixed_site()=> mut));
    let allowed = mutability.as_ref().map(|_| quote_spanned!(Span::mixed_site()=> #[allow(unused_mut)]));
    moved.extend(quote_spanned!(Span::mixed_site()=> #cfg #allowed let #mutability #name = #name;));
    if !matches!(pattern, Pat::Wild(_)) {
        moved.extend(quote_spanned!(Span::mixed_site()=> #cfg let #pattern = #name;));
    }
}

/// Whether a body may return a mutable borrow out of an argument. A closure that only borrows the argument could not; one
/// that owns it can. Without such arguments a closure borrows, and each is dropped where and when it was.
pub(super) fn may_be_given_back(signature: &Signature) -> bool {
    fn names_borrow(tokens: TokenStream) -> bool {
        let mut borrows = false;
        tokens.into_iter().any(|token| match token {
            TokenTree::Punct(punct) if punct.as_char() == '&' => {
                borrows = true;
                false
            }
            // A type with a lifetime may hold a mutable borrow.
            TokenTree::Punct(punct) => punct.as_char() == '\'',
            TokenTree::Ident(word) => std::mem::take(&mut borrows) && word == "mut",
            TokenTree::Group(group) => names_borrow(group.stream()),
            TokenTree::Literal(_) => false,
        })
    }
    names_borrow(signature.inputs.to_token_stream())
}

/// Statements for the head of a closure that give it the `mut` arguments as variables of its own. What rustc says of a
/// variable that is set and not read, it says of one of the body's own, and not of one that a closure borrowed.
pub(super) fn rebound(item: &mut Item) -> TokenStream {
    let mut statements = TokenStream::new();
    for argument in &mut item.signature.inputs {
        if let FnArg::Typed(argument) = argument
            && let Pat::Ident(pattern) = &mut *argument.pat
            && pattern.by_ref.is_none()
            && pattern.subpat.is_none()
            && let Some(mutability) = pattern.mutability.take()
        {
            let (name, cfg) = (&pattern.ident, cfg(&argument.attrs));
            statements.extend(quote_spanned!(Span::mixed_site()=> #cfg let #mutability #name = #name;));
        }
    }
    statements
}

fn pattern_of(name: Ident) -> Pat {
    Pat::Ident(syn::PatIdent { attrs: Vec::new(), by_ref: None, mutability: None, ident: name, subpat: None })
}

/// The last one is named first: arguments are dropped in the reverse of their order, captures in theirs.
fn hold(held: &[Held]) -> TokenStream {
    let borrowed = |held: &Held| {
        let name = &held.name;
        quote_spanned!(Span::mixed_site()=> &#name)
    };
    if held.iter().all(|held| held.cfg.is_empty()) {
        let borrowed = held.iter().rev().map(borrowed);
        return match held.len() {
            0 => TokenStream::new(),
            1 => quote_spanned!(Span::mixed_site()=> let _ = #(#borrowed)*;),
            _ => quote_spanned!(Span::mixed_site()=> let _ = (#(#borrowed),*);),
        };
    }
    let statements = held.iter().rev().map(|held| {
        let (cfg, borrowed) = (&held.cfg, borrowed(held));
        quote_spanned!(Span::mixed_site()=> #cfg let _ = #borrowed;)
    });
    quote!(#(#statements)*)
}

/// References and numbers have no drop of their own.
fn drops_nothing(written: &Type) -> bool {
    const PLAIN: [&str; 17] = [
        "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64",
        "u128", "usize", "str",
    ];
    match written {
        Type::Reference(_) | Type::Ptr(_) => true,
        Type::Path(path) => {
            path.path.get_ident().is_some_and(|name| PLAIN.contains(&name.to_string().as_str()))
        }
        _ => false,
    }
}

fn cfg(attributes: &[Attribute]) -> TokenStream {
    attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("cfg"))
        .map(ToTokens::to_token_stream)
        .collect()
}
